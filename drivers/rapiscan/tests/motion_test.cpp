// Positions from axles.
#include "drivers/rapiscan/motion.hpp"

#include <gtest/gtest.h>

namespace garita::rapiscan {
namespace {

ScanStart rolling(std::vector<Axle> axles) {
  ScanStart scan;
  scan.first_pulse = 0xFFFFFF00;  // wraps soon
  scan.pulse_rate_mhz = 300'000;
  scan.line_pitch_um = 4000;
  scan.sensor_gap_um = 3'000'000;
  for (Axle& axle : axles) axle.pulse_a += scan.first_pulse, axle.pulse_b += scan.first_pulse;
  scan.axles = std::move(axles);
  return scan;
}

TEST(RapiscanMotion, without_axles_a_line_is_a_line_pitch) {
  const Motion motion(rolling({}));
  EXPECT_EQ(motion.position_um(0, 10), 40'000);
  EXPECT_FALSE(motion.mean_speed_mps());
}

TEST(RapiscanMotion, a_steady_train_is_where_its_speed_takes_it) {
  const Motion motion(rolling({{100, 850}, {1000, 1750}}));  // 750 pulses for 3 m: 4 mm a pulse, 1.2 m/s
  EXPECT_EQ(motion.position_um(0xFFFFFF00, 0), 0);
  EXPECT_EQ(motion.position_um(0xFFFFFF00 + 1000, 1000), 4'000'000);
  EXPECT_EQ(motion.position_um(0xFFFFFF00 + 5000, 5000), 20'000'000);
  EXPECT_NEAR(motion.mean_speed_mps().value_or(0), 1.2, 1e-9);
}

TEST(RapiscanMotion, a_train_that_brakes_goes_ever_less) {
  const Motion motion(rolling({{0, 500}, {3000, 3750}}));  // 6 mm, then 4 mm a pulse; middles at 250 and 3375
  const auto at = [&](uint32_t pulse) { return motion.position_um(0xFFFFFF00 + pulse, pulse); };
  EXPECT_EQ(at(250), 1'500'000);
  EXPECT_EQ(at(3375), 1'500'000 + 3125 * 5000);
  for (uint32_t pulse = 251; pulse < 4000; ++pulse)
    EXPECT_LE(at(pulse) - at(pulse - 1), at(pulse - 1) - at(pulse - 2) + 1);
}

TEST(RapiscanMotion, an_axle_that_one_sensor_missed_says_nothing) {
  const Motion motion(rolling({{100, 100}, {200, 150}, {1000, 1750}}));
  EXPECT_NEAR(motion.mean_speed_mps().value_or(0), 1.2, 1e-9);
}

TEST(RapiscanMotion, times_come_from_pulses) {
  EXPECT_EQ(Motion(rolling({})).elapsed_ns(0xFFFFFF00 + 300), 1'000'000'000);
  EXPECT_FALSE(Motion(ScanStart{}).elapsed_ns(5));
}

}  // namespace
}  // namespace garita::rapiscan
