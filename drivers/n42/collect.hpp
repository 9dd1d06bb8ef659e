// Measurements become readings. A file may hold thousands of moments of some detectors; the record wants
// series and spectra:
//   - consecutive counts of one detector, with equal flags and intervals and no gap, become one series;
//   - spectra of one detector, class, occupancy, width and energy calibration become their sum, and, where
//   there are
//     several, a series of their gross counts too, unless the file states gross counts of that detector
//     itself.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "garita/events.hpp"

namespace garita::n42 {

inline constexpr size_t max_readings = 4096;
inline constexpr size_t max_values = 4u << 20;  // of all readings of a file together

// One count or rate of one detector.
struct Sample {
  uint32_t kind = GARITA_READING_GAMMA;
  std::string panel;
  Time start = {};
  uint64_t interval_ns = 0;
  uint64_t live_ns = 0;
  uint32_t unit = GARITA_UNIT_COUNTS;
  uint32_t flags = 0;
  double value = 0;
};

// The channels of a spectrum that are not zero; `channels` is its width.
struct Spectrum {
  std::string panel;
  Time start = {};
  uint64_t real_ns = 0;
  uint64_t step_ns = 0;  // from one to the next, where the file states it; 0: real_ns
  uint64_t live_ns = 0;
  uint32_t flags = 0;
  std::vector<double> energy_kev;
  uint32_t channels = 0;
  std::vector<std::pair<uint32_t, double>> counts;
};

// An alarm of some panels; of all where none is named.
struct Alarm {
  bool neutron = true;
  bool gamma = true;
  std::vector<std::string> panels;
};

class Collector {
 public:
  void add(const Sample& sample) { add(sample, false); }
  void add(const Spectrum& spectrum);
  void add(const Alarm& alarm);

  bool empty() const { return series_.empty() && sums_.empty(); }
  // Samples and spectra beyond the limits.
  uint64_t dropped() const { return dropped_; }
  Time first() const { return first_; }  // of what is not background, if there is any
  Time last() const { return last_; }

  // Once, at the end.
  std::vector<Reading> finish();

 private:
  struct Series {
    Reading reading;
    double live_ns = 0;  // sum
    bool derived = false;
  };
  using SeriesKey = std::tuple<uint32_t, std::string, uint32_t, bool>;
  using SumKey = std::tuple<std::string, uint32_t, uint32_t, std::vector<double>>;

  void add(const Sample& sample, bool derived);
  bool room_for(size_t values);
  void note(const Time& start, uint64_t length_ns, uint32_t flags);
  bool is_wanted(const Series& series) const;
  void mark_alarms(std::vector<Reading>& readings) const;

  std::vector<Series> series_;
  std::map<SeriesKey, size_t> open_;  // the series that may go on
  std::vector<Reading> sums_;
  std::map<SumKey, size_t> sum_of_;
  std::map<std::pair<std::string, uint32_t>, uint32_t> spectra_;  // by panel and flags
  std::map<std::string, bool> stated_;                            // panels with gross counts of their own
  std::vector<Alarm> alarms_;
  size_t values_ = 0;
  uint64_t dropped_ = 0;
  Time first_ = {}, first_background_ = {}, last_ = {};
};

}  // namespace garita::n42
