#include "drivers/rapiscan/events.hpp"

#include <array>
#include <charconv>
#include <map>

#include "garita/calibration.hpp"

namespace garita::rapiscan {
namespace {

// In the order of Fact, from 1; # is the how-manieth such fact it is, counted from 0.
constexpr std::array<std::string_view, 12> fact_paths = {"conveyance.rail.train",
                                                         "conveyance.rail.car",
                                                         "conveyance.rail.position",
                                                         "conveyance.containers[#].number",
                                                         "documents.pedimentos[#]",
                                                         "documents.cbp_entries[#]",
                                                         "documents.scac",
                                                         "documents.manifest[#].hs_code",
                                                         "documents.manifest[#].description",
                                                         "conveyance.plates[#].number",
                                                         "conveyance.plates[#].country",
                                                         "conveyance.plates[#].state"};

constexpr uint64_t calibration_id(uint32_t gantry_id, uint32_t channel) {
  return uint64_t{gantry_id} * 2 + channel;
}

std::string numbered(std::string_view path, size_t number) {
  std::string text(path);
  if (const size_t at = text.find('#'); at != std::string::npos) text.replace(at, 1, std::to_string(number));
  return text;
}

Attribute fact_attribute(uint8_t tag, size_t number, const std::string& value) {
  const std::string path = numbered(fact_paths[tag - 1u], number);
  uint32_t place = 0;
  const char* end = value.data() + value.size();
  if (tag == static_cast<uint8_t>(Fact::place_in_train) &&
      std::from_chars(value.data(), end, place).ptr == end)
    return attribute(path, place);
  return attribute(path, value);
}

}  // namespace

Time moment(const Date& date, Received received) {
  if (date.utc_ns == utc_unknown) return host_time(received);
  Time time = device_time(date.utc_ns, received);
  if (date.zone_s != zone_unknown) time.offset_s = date.zone_s;
  return time;
}

std::vector<Attribute> device_attributes(const Hello& hello) {
  return {attribute("device.vendor", hello.vendor),
          attribute("device.family", "rapiscan"),
          attribute("device.model", hello.model),
          attribute("device.serial", hello.serial),
          attribute("device.firmware", hello.firmware),
          attribute("identity.subject", "conveyance"),
          attribute("beam.kind", "linac")};
}

std::string key_of(const Hello& hello, const ScanStart& scan) {
  return hello.serial.substr(0, 64) + "-" + std::to_string(hello.boots) + "-" + std::to_string(scan.scan);
}

std::vector<Attribute> scan_attributes(const ScanStart& scan, const Motion& motion) {
  std::vector<Attribute> attributes;
  std::map<uint8_t, size_t> seen;
  for (const auto& [tag, value] : scan.facts)
    if (tag >= 1 && tag <= fact_paths.size() && !value.empty())
      attributes.push_back(fact_attribute(tag, seen[tag]++, value));
  if (seen.contains(static_cast<uint8_t>(Fact::rail_car)))
    attributes.push_back(attribute("conveyance.kind", "rail_car"));
  else if (seen.contains(static_cast<uint8_t>(Fact::plate)))
    attributes.push_back(attribute("conveyance.kind", "truck"));
  if (!scan.axles.empty()) attributes.push_back(attribute("conveyance.axles", scan.axles.size()));
  if (const auto speed = motion.mean_speed_mps())
    attributes.push_back(attribute("conveyance.speed_mps", *speed));
  attributes.push_back(attribute("beam.energies_kev[0]", static_cast<double>(scan.high_kev)));
  attributes.push_back(attribute("beam.energies_kev[1]", static_cast<double>(scan.low_kev)));
  if (scan.pulse_rate_mhz > 0)
    attributes.push_back(attribute("beam.pulse_rate_hz", scan.pulse_rate_mhz / 1000.0));
  return attributes;
}

View view_of(const ScanStart& scan) {
  View view;
  view.columns = scan.columns;
  view.column_zero = scan.column_zero;
  view.row_zero = scan.direction;
  view.source_side = scan.source_side;
  view.pitch_across_um = scan.pitch_across_um;
  view.pitch_along_um = scan.line_pitch_um;
  // Energies in turn: the low one is measured half a line behind the high one.
  const int64_t behind_um = scan.mode == 2 ? scan.line_pitch_um / 2 : 0;
  view.channels = {{GARITA_CHANNEL_HIGH, scan.high_kev, calibration_id(scan.calibration, 0), 0},
                   {GARITA_CHANNEL_LOW, scan.low_kev, calibration_id(scan.calibration, 1), behind_um}};
  return view;
}

std::vector<garita::Calibration> calibrations_of(const Calibration& measured, const Time& time) {
  std::vector<garita::Calibration> events;
  for (uint32_t channel = 0; channel < measured.dark.size(); ++channel) {
    const uint64_t id = calibration_id(measured.id, channel);
    events.push_back(calibration(GARITA_CALIBRATION_DARK, id, measured.dark[channel], measured.averaged));
    events.push_back(calibration(GARITA_CALIBRATION_AIR, id, measured.air[channel], measured.averaged));
    for (garita::Calibration* event : {&events.back(), &events.back() - 1}) {
      event->channel = channel;
      event->time = time;
    }
  }
  return events;
}

std::vector<Attribute> transport_attributes(const OrderCounts& counts) {
  std::vector<Attribute> attributes;
  const auto add = [&](const char* name, uint64_t count) {
    if (count > 0) attributes.push_back(attribute(std::string("org.garita.rapiscan.") + name, count));
  };
  add("datagrams_put_right", counts.put_right);
  add("datagrams_doubled", counts.doubled);
  add("datagrams_late", counts.late);
  add("datagrams_damaged", counts.damaged);
  add("lines_halved", counts.halved);
  return attributes;
}

std::string transport_sentence(const OrderCounts& counts, uint64_t lost) {
  return std::to_string(counts.lines) + " lines, " + std::to_string(lost) + " lost (" +
         std::to_string(counts.halved) + " of one energy); datagrams: " + std::to_string(counts.put_right) +
         " put right, " + std::to_string(counts.doubled) + " doubled, " + std::to_string(counts.late) +
         " late, " + std::to_string(counts.damaged) + " damaged";
}

}  // namespace garita::rapiscan
