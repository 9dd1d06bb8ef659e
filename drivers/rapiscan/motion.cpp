#include "drivers/rapiscan/motion.hpp"

#include <algorithm>
#include <cmath>

namespace garita::rapiscan {

Motion::Motion(const ScanStart& scan)
    : first_pulse_(scan.first_pulse),
      pulse_rate_mhz_(scan.pulse_rate_mhz),
      line_pitch_um_(scan.line_pitch_um) {
  for (const Axle& axle : scan.axles) {
    const auto between = static_cast<int32_t>(axle.pulse_b - axle.pulse_a);
    if (between <= 0 || scan.sensor_gap_um == 0) continue;  // an axle that was missed by one sensor
    knots_.push_back(
        {signed_pulse(axle.pulse_a) + between / 2.0, scan.sensor_gap_um / static_cast<double>(between), 0});
  }
  std::sort(knots_.begin(), knots_.end(), [](const Knot& a, const Knot& b) { return a.pulse < b.pulse; });
  const auto same = [](const Knot& a, const Knot& b) { return a.pulse == b.pulse; };
  knots_.erase(std::unique(knots_.begin(), knots_.end(), same), knots_.end());
  for (size_t i = 1; i < knots_.size(); ++i)
    knots_[i].at_um = knots_[i - 1].at_um + (knots_[i].pulse - knots_[i - 1].pulse) *
                                                (knots_[i].um_a_pulse + knots_[i - 1].um_a_pulse) / 2;
  if (knots_.empty()) return;
  const double start_um = static_cast<double>(position_um(first_pulse_, 0));
  for (Knot& knot : knots_) knot.at_um -= start_um;
}

double Motion::signed_pulse(uint32_t pulse) const { return static_cast<int32_t>(pulse - first_pulse_); }

int64_t Motion::position_um(uint32_t pulse, uint64_t row) const {
  if (knots_.empty()) return static_cast<int64_t>(row * line_pitch_um_);
  const double x = signed_pulse(pulse);
  const auto after =
      std::find_if(knots_.begin(), knots_.end(), [&](const Knot& knot) { return knot.pulse > x; });
  if (after == knots_.begin() || after == knots_.end()) {
    const Knot& nearest = after == knots_.end() ? knots_.back() : knots_.front();
    return std::llround(nearest.at_um + (x - nearest.pulse) * nearest.um_a_pulse);
  }
  const Knot& before = *(after - 1);
  const double into = x - before.pulse;
  const double slope = (after->um_a_pulse - before.um_a_pulse) / (after->pulse - before.pulse);
  return std::llround(before.at_um + into * (before.um_a_pulse + slope * into / 2));
}

std::optional<int64_t> Motion::elapsed_ns(uint32_t pulse) const {
  if (pulse_rate_mhz_ == 0) return std::nullopt;
  return std::llround(signed_pulse(pulse) * 1e12 / pulse_rate_mhz_);
}

std::optional<double> Motion::mean_speed_mps() const {
  if (knots_.empty() || pulse_rate_mhz_ == 0) return std::nullopt;
  double sum = 0;
  for (const Knot& knot : knots_) sum += knot.um_a_pulse;
  return sum / static_cast<double>(knots_.size()) * pulse_rate_mhz_ / 1e9;
}

}  // namespace garita::rapiscan
