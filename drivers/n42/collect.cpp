#include "drivers/n42/collect.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace garita::n42 {
namespace {

constexpr size_t max_alarms = 64;

bool is_known(const Time& time) { return time.utc_ns != GARITA_UTC_UNKNOWN; }

bool nearly_equal(uint64_t a, uint64_t b) {
  const uint64_t difference = a > b ? a - b : b - a;
  return difference <= std::max(a, b) / 100;
}

// The sample begins where the series ends. What is not known does not speak against it.
bool goes_on(const Reading& series, const Sample& sample) {
  if (series.flags != sample.flags || !nearly_equal(series.interval_ns, sample.interval_ns)) return false;
  if (series.values.size() >= GARITA_MAX_READING_VALUES) return false;
  if (!is_known(series.time) || !is_known(sample.start) || series.interval_ns == 0) return true;
  const double expected_ns =
      static_cast<double>(series.interval_ns) * static_cast<double>(series.values.size());
  const double actual_ns = static_cast<double>(sample.start.utc_ns) - static_cast<double>(series.time.utc_ns);
  return std::abs(actual_ns - expected_ns) <= static_cast<double>(series.interval_ns) / 2;
}

void earliest(Time& have, const Time& time) {
  if (is_known(time) && (!is_known(have) || time.utc_ns < have.utc_ns)) have = time;
}

}  // namespace

void Collector::add(const Spectrum& spectrum) {
  const SumKey key{spectrum.panel, spectrum.flags, spectrum.channels, spectrum.energy_kev};
  auto found = sum_of_.find(key);
  if (found == sum_of_.end()) {
    if (!room_for(spectrum.channels)) return;
    values_ += spectrum.channels;
    found = sum_of_.emplace(key, sums_.size()).first;
    sums_.push_back({GARITA_READING_SPECTRUM, spectrum.panel, spectrum.start, 0, 0, GARITA_UNIT_COUNTS,
                     spectrum.flags, std::vector<double>(spectrum.channels), spectrum.energy_kev});
  }
  Reading& sum = sums_[found->second];
  earliest(sum.time, spectrum.start);
  sum.interval_ns += spectrum.real_ns;
  sum.live_ns += spectrum.live_ns;
  double total = 0;
  for (const auto& [channel, count] : spectrum.counts) {
    if (channel < sum.values.size()) sum.values[channel] += count;
    total += count;
  }
  ++spectra_[{spectrum.panel, spectrum.flags}];
  note(spectrum.start, spectrum.real_ns, spectrum.flags);
  add({GARITA_READING_GAMMA, spectrum.panel, spectrum.start,
       spectrum.step_ns != 0 ? spectrum.step_ns : spectrum.real_ns, spectrum.live_ns, GARITA_UNIT_COUNTS,
       spectrum.flags, total},
      true);
}

void Collector::add(const Sample& sample, bool derived) {
  if (!derived && sample.kind == GARITA_READING_GAMMA) stated_[sample.panel] = true;
  const SeriesKey key{sample.kind, sample.panel, sample.unit, derived};
  const auto found = open_.find(key);
  const bool continues = found != open_.end() && goes_on(series_[found->second].reading, sample);
  if (continues ? values_ >= max_values : !room_for(1)) {
    dropped_ += continues ? 1 : 0;
    return;
  }
  if (!continues) {
    open_[key] = series_.size();
    series_.push_back(
        {{sample.kind, sample.panel, sample.start, sample.interval_ns, 0, sample.unit, sample.flags, {}, {}},
         0,
         derived});
  }
  Series& series = series_[open_[key]];
  series.reading.values.push_back(sample.value);
  series.live_ns += static_cast<double>(sample.live_ns);
  ++values_;
  note(sample.start, sample.interval_ns, sample.flags);
}

void Collector::add(const Alarm& alarm) {
  if (alarms_.size() < max_alarms) alarms_.push_back(alarm);
}

bool Collector::room_for(size_t values) {
  const bool room = values_ + values <= max_values && series_.size() + sums_.size() < 2 * max_readings;
  dropped_ += room ? 0 : 1;
  return room;
}

void Collector::note(const Time& start, uint64_t length_ns, uint32_t flags) {
  earliest((flags & GARITA_READING_BACKGROUND) ? first_background_ : first_, start);
  if (!is_known(start)) return;
  Time end = start;
  end.utc_ns += static_cast<int64_t>(std::min<uint64_t>(length_ns, 1000000000ull * 86400 * 365));
  if (!is_known(last_) || end.utc_ns > last_.utc_ns) last_ = end;
}

// Gross counts of spectra say something only where several were summed.
bool Collector::is_wanted(const Series& series) const {
  if (!series.derived) return true;
  const auto count = spectra_.find({series.reading.panel, series.reading.flags});
  return count != spectra_.end() && count->second > 1 && !stated_.contains(series.reading.panel);
}

std::vector<Reading> Collector::finish() {
  std::vector<Reading> readings;
  for (Series& series : series_) {
    if (!is_wanted(series)) continue;
    series.reading.live_ns =
        static_cast<uint64_t>(series.live_ns / static_cast<double>(series.reading.values.size()));
    readings.push_back(std::move(series.reading));
  }
  std::move(sums_.begin(), sums_.end(), std::back_inserter(readings));
  std::stable_sort(readings.begin(), readings.end(), [](const Reading& a, const Reading& b) {
    return std::pair(a.kind != GARITA_READING_SPECTRUM, a.time.utc_ns) <
           std::pair(b.kind != GARITA_READING_SPECTRUM, b.time.utc_ns);
  });
  if (readings.size() > max_readings) {
    dropped_ += readings.size() - max_readings;
    readings.resize(max_readings);
  }
  if (!is_known(first_)) first_ = first_background_;
  mark_alarms(readings);
  return readings;
}

void Collector::mark_alarms(std::vector<Reading>& readings) const {
  const bool told_occupied = std::any_of(readings.begin(), readings.end(), [](const Reading& reading) {
    return reading.flags & GARITA_READING_OCCUPIED;
  });
  for (Reading& reading : readings) {
    // Where occupancy is told it decides, for some portals call all of their measurements background.
    const bool concerned = told_occupied ? (reading.flags & GARITA_READING_OCCUPIED) != 0
                                         : (reading.flags & GARITA_READING_BACKGROUND) == 0;
    if (!concerned) continue;
    const bool neutron = reading.kind == GARITA_READING_NEUTRON;
    // A panel's name may go on behind the detector's: with the energy window, or the class.
    const auto of_panel = [&](const std::string& name) {
      return reading.panel == name || reading.panel.starts_with(name + " ");
    };
    for (const Alarm& alarm : alarms_)
      if ((neutron ? alarm.neutron : alarm.gamma) &&
          (alarm.panels.empty() || std::any_of(alarm.panels.begin(), alarm.panels.end(), of_panel)))
        reading.flags |= GARITA_READING_ALARM;
  }
}

}  // namespace garita::n42
