#include "drivers/vm250/occupancy.hpp"

#include <algorithm>
#include <cstdio>

namespace garita::vm250 {
namespace {

constexpr double metres_a_foot = 0.3048;

// A line tells of the interval that ends with it.
Time before(Time heard, uint64_t interval_ns) {
  if (heard.utc_ns != GARITA_UTC_UNKNOWN) heard.utc_ns -= static_cast<int64_t>(interval_ns);
  return heard;
}

std::string with_one_decimal(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f", value);
  return text;
}

Detection radioactive(std::string code, std::string label) {
  Detection found;
  found.category = "radioactive";
  found.vendor_code = std::move(code);
  found.label = std::move(label);
  return found;
}

}  // namespace

void PanelState::take(const SetupLine& line) {
  setup.take(line);
  std::erase_if(setup_lines, [&](const SetupLine& old) { return old.code == line.code; });
  setup_lines.push_back(line);
}

Occupancy::Occupancy(std::string key, const Time& first_line) : key_(std::move(key)), began_(first_line) {}

void Occupancy::add(const Counts& counts, const Time& heard) {
  Series& series = counts.neutron ? neutron_ : gamma_;
  Time& began = counts.neutron ? neutron_began_ : gamma_began_;
  if (series[0].empty()) began = before(heard, counts.neutron ? neutron_interval_ns : gamma_interval_ns);
  for (size_t panel = 0; panel < panels; ++panel) series[panel].push_back(counts.counts[panel]);
  if (counts.state == Counts::State::alarm) (counts.neutron ? neutron_alarm_ : gamma_alarm_) = true;
}

void Occupancy::from(uint64_t object) {
  if (object != 0 && (objects_.empty() || objects_.back() != object)) objects_.push_back(object);
}

std::vector<Attribute> Occupancy::attributes(const PanelState& panel, const OccupancyEnd& end,
                                             const Judgement& judged) const {
  std::vector<Attribute> all = {attribute("device.vendor", "Rapiscan/TSA"),
                                attribute("device.family", "vm250"), attribute("device.model", "VM-250"),
                                attribute("identity.subject", "conveyance"), attribute("beam.kind", "none")};
  for (const SetupLine& line : panel.setup_lines) {
    all.push_back(attribute("org.garita.vm250." + line.code, line.text));
    if (line.code == "SG3") all.push_back(attribute("device.firmware", line.fields.back()));
  }
  if (speed_ && speed_->s_per_ft > 0)
    all.push_back(attribute("conveyance.speed_mps", metres_a_foot / speed_->s_per_ft));
  if (end.number) all.push_back(attribute("org.garita.vm250.occupancy", *end.number));
  if (end.neutron_background)
    all.push_back(attribute("org.garita.vm250.neutron_background", *end.neutron_background));
  if (!gamma_[0].empty())
    all.push_back(
        attribute("org.garita.vm250.duration_ms", gamma_[0].size() * gamma_interval_ns / 1'000'000));
  if (!judged.judged) return all;
  all.push_back(attribute("org.garita.vm250.gamma_sigmas", judged.peak_sigmas));
  all.push_back(attribute("org.garita.vm250.gamma_sigmas_limit", judged.limit_sigmas));
  all.push_back(attribute("org.garita.vm250.gamma_group", judged.group));
  return all;
}

void Occupancy::emit_series(Device& device, bool neutron, bool alarm) const {
  const Series& series = neutron ? neutron_ : gamma_;
  if (series[0].empty()) return;
  for (size_t panel = 0; panel < panels; ++panel) {
    Reading reading;
    reading.kind = neutron ? GARITA_READING_NEUTRON : GARITA_READING_GAMMA;
    reading.panel = name(static_cast<Panel>(panel));
    reading.time = neutron ? neutron_began_ : gamma_began_;
    reading.interval_ns = neutron ? neutron_interval_ns : gamma_interval_ns;
    reading.flags = GARITA_READING_OCCUPIED | (alarm ? GARITA_READING_ALARM : 0u);
    reading.values = series[panel];
    device.emit(std::move(reading));
  }
}

void Occupancy::emit(Device& device, const PanelState& panel, const OccupancyEnd& end, const Time& heard,
                     const std::string& why) const {
  const Judgement judged =
      panel.gamma_background ? judge(gamma_, *panel.gamma_background, panel.setup) : Judgement{};
  device.emit(ScanBegin{
      .key = key_, .time = began_, .attributes = attributes(panel, end, judged), .objects = objects_});
  emit_series(device, false, gamma_alarm_ || judged.alarm());
  emit_series(device, true, neutron_alarm_);
  if (gamma_alarm_) device.emit(radioactive("GA", "gamma"));
  if (neutron_alarm_) device.emit(radioactive("NA", "neutron"));
  if (judged.alarm() && !gamma_alarm_)
    device.emit(radioactive("sigma", "gamma " + with_one_decimal(judged.peak_sigmas) + " sigma"));
  if (why.empty()) return device.emit(ScanEnd{.time = heard});
  device.emit(ScanEnd{GARITA_SCAN_FAULT, why, heard, GARITA_DATA_TRUNCATED});
}

void emit_background(Device& device, const Counts& counts, const Time& heard) {
  const bool fault = counts.state != Counts::State::background;
  for (size_t panel = 0; panel < panels; ++panel) {
    Reading reading;
    reading.kind = counts.neutron ? GARITA_READING_NEUTRON : GARITA_READING_GAMMA;
    reading.panel = name(static_cast<Panel>(panel));
    reading.time = before(heard, 1'000'000'000);
    reading.interval_ns = 1'000'000'000;
    reading.flags = GARITA_READING_BACKGROUND | (fault ? GARITA_READING_FAULT : 0u);
    reading.values = {static_cast<double>(counts.counts[panel])};
    device.emit(std::move(reading));
  }
}

}  // namespace garita::vm250
