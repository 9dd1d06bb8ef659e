// The published formula, against numbers worked out by hand.
#include "drivers/vm250/alarm.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

namespace garita::vm250 {
namespace {

class Formula : public ::testing::Test {
 protected:
  Formula() { setup_.intervals = 5, setup_.sigmas = 7, setup_.sum = true; }

  // Ten intervals of `quiet`, then five of `loud` in one panel.
  Judgement judged(double quiet, double loud, size_t panel = 0) {
    Series gamma;
    for (size_t i = 0; i < panels; ++i) {
      gamma[i].assign(15, quiet);
      if (i == panel) std::fill(gamma[i].begin() + 10, gamma[i].end(), loud);
    }
    return judge(gamma, background_, setup_);
  }

  vm250::Setup setup_;
  Four background_ = {250, 250, 250, 250};
};

TEST_F(Formula, is_the_excess_over_the_root_of_the_background) {
  const Judgement found = judged(50, 100);  // FG = 5·(100+3·50) = 1250, BG = 1000
  EXPECT_TRUE(found.judged);
  EXPECT_NEAR(found.peak_sigmas, 250 / std::sqrt(1000.0), 1e-9);
  EXPECT_EQ(found.group, "sum");
}

TEST_F(Formula, alarms_above_the_limit_and_not_at_it) {
  setup_.sigmas = 250 / std::sqrt(1000.0);
  EXPECT_FALSE(judged(50, 100).alarm());
  EXPECT_TRUE(judged(50, 101).alarm());
}

TEST_F(Formula, a_weak_source_shows_in_its_own_detector_first) {
  setup_.single = setup_.vertical = setup_.horizontal = true;
  const Judgement found = judged(50, 75, 2);
  EXPECT_EQ(found.group, "secondary_lower");
  EXPECT_NEAR(found.peak_sigmas, 125 / std::sqrt(250.0), 1e-9);
}

TEST_F(Formula, a_lane_without_excess_is_below_zero_where_the_vehicle_shields) {
  const Judgement found = judged(40, 40);
  EXPECT_LT(found.peak_sigmas, 0);
  EXPECT_FALSE(found.alarm());
}

TEST_F(Formula, detectors_that_are_off_count_in_no_group) {
  setup_.detectors[0] = false;
  EXPECT_NEAR(judged(50, 1000, 0).peak_sigmas, 0, 1e-9);
}

TEST_F(Formula, without_setup_or_a_full_window_nothing_is_judged) {
  setup_.intervals = 16;
  EXPECT_FALSE(judged(50, 100).judged);
  setup_.intervals = 5, setup_.sum = false;
  EXPECT_FALSE(judged(50, 100).judged);
}

TEST_F(Formula, a_background_of_nothing_judges_nothing) {
  background_ = {0, 0, 0, 0};
  EXPECT_FALSE(judged(50, 100).alarm());
}

}  // namespace
}  // namespace garita::vm250
