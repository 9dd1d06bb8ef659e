// One vehicle between the pillars: what the panel counted from its first GS to its GX, and what the ABI is
// told of it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "drivers/vm250/alarm.hpp"
#include "garita/device.hpp"

namespace garita::vm250 {

// What the panel said before, and what holds for the vehicles after: its setup and the background.
struct PanelState {
  Setup setup;
  std::vector<SetupLine> setup_lines;  // the last of each code
  std::optional<Four> gamma_background;
  void take(const SetupLine& line);
};

class Occupancy {
 public:
  static constexpr size_t max_intervals = 18'000;  // an hour; what stands longer goes on as another

  // key: unique for ever, or empty where the panel's line has no time of its own.
  Occupancy(std::string key, const Time& first_line);

  void add(const Counts& counts, const Time& heard);
  void add(const Speed& speed) { speed_ = speed; }
  void from(uint64_t object);  // a daily file that has a part of it
  bool full() const { return gamma_[0].size() >= max_intervals; }
  bool empty() const { return gamma_[0].empty() && neutron_[0].empty(); }

  // Emits it whole: begin, series, detections, end. why: empty where GX came and nothing is missing.
  void emit(Device& device, const PanelState& panel, const OccupancyEnd& end, const Time& heard,
            const std::string& why) const;

 private:
  std::vector<Attribute> attributes(const PanelState& panel, const OccupancyEnd& end,
                                    const Judgement& judged) const;
  void emit_series(Device& device, bool neutron, bool alarm) const;

  std::string key_;
  Time began_;
  Time gamma_began_, neutron_began_;  // start of the first interval
  Series gamma_, neutron_;
  bool gamma_alarm_ = false, neutron_alarm_ = false;  // the panel's own word
  std::optional<Speed> speed_;
  std::vector<uint64_t> objects_;
};

// GB and NB: outside every scan, so that the host gives them to the scans that follow.
void emit_background(Device& device, const Counts& counts, const Time& heard);

}  // namespace garita::vm250
