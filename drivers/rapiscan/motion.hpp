// Where a line lies along the travel: from the moments at which axles passed two sensors, or from the
// gantry's own pace. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "drivers/rapiscan/wire.hpp"

namespace garita::rapiscan {

// The speed of each axle is the sensors' distance over the time between its two pulses. Between axles the
// speed changes evenly with time, before the first and behind the last it stays. Without axles a line is a
// line pitch.
class Motion {
 public:
  Motion() = default;
  explicit Motion(const ScanStart& scan);

  // µm from the scan's first pulse on. pulses count modulo 2^32 and may go back.
  int64_t position_um(uint32_t pulse, uint64_t row) const;

  // Nanoseconds from the scan's first pulse on; nothing without a pulse rate.
  std::optional<int64_t> elapsed_ns(uint32_t pulse) const;

  std::optional<double> mean_speed_mps() const;

 private:
  struct Knot {
    double pulse;       // from the scan's first on; where the axle was between the sensors
    double um_a_pulse;  // its speed
    double at_um;       // position at this pulse
  };
  double signed_pulse(uint32_t pulse) const;

  uint32_t first_pulse_ = 0, pulse_rate_mhz_ = 0, line_pitch_um_ = 0;
  std::vector<Knot> knots_;
};

}  // namespace garita::rapiscan
