// The policy of restarts, without a process: told what happened, by a clock and a chance that the test holds.
#include "core/host/lane_supervisor.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <vector>

#include "core/base/text.hpp"

namespace garita::host {
namespace {

constexpr uint64_t ms = 1'000'000;

class Lane : public ::testing::Test {
 protected:
  LaneSupervisor& lane() {
    if (!lane_) lane_.emplace("acme", policy_, clock_, [this] { return chance_; });
    return *lane_;
  }
  // A worker that is started and dies; 0 where the lane is given up.
  uint64_t die() {
    lane().opened();
    const auto pause = lane().died();
    if (!pause) return error_ = pause.error(), 0;
    clock_.advance(*pause);
    lane().pause_over();
    return *pause / ms;
  }

  RestartPolicy policy_;
  base::ManualClock clock_{0, 1};
  double chance_ = 1;
  std::optional<LaneSupervisor> lane_;
  base::Error error_;
};

TEST_F(Lane, runs_when_it_is_opened_and_restarts_when_its_worker_dies) {
  EXPECT_EQ(lane().state(), LaneState::starting);
  lane().opened();
  EXPECT_EQ(lane().state(), LaneState::running);
  ASSERT_TRUE(lane().died());
  EXPECT_EQ(lane().state(), LaneState::restarting);
  lane().pause_over();
  EXPECT_EQ(lane().state(), LaneState::starting);
}

TEST_F(Lane, waits_twice_as_long_each_time_up_to_a_limit) {
  policy_.most_in_a_row = 10;
  policy_.longest_pause_ms = 1000;
  std::vector<uint64_t> pauses;
  for (int i = 0; i < 6; ++i) pauses.push_back(die());
  EXPECT_EQ(pauses, (std::vector<uint64_t>{100, 200, 400, 800, 1000, 1000}));
}

TEST_F(Lane, waits_at_least_half_its_pause_and_by_chance_up_to_all_of_it) {
  chance_ = 0;
  EXPECT_EQ(die(), 50u);
  chance_ = 0.5;
  EXPECT_EQ(die(), 150u);
}

TEST_F(Lane, whose_chance_is_broken_still_waits_within_its_limits) {
  chance_ = 7;
  EXPECT_EQ(die(), 100u);
  chance_ = -7;
  EXPECT_EQ(die(), 100u) << "half of 200";
}

TEST_F(Lane, fails_after_too_many_deaths_in_a_row) {
  policy_.most_in_a_row = 2;
  EXPECT_NE(die(), 0u);
  EXPECT_NE(die(), 0u);
  EXPECT_EQ(die(), 0u);
  EXPECT_EQ(lane().state(), LaneState::failed);
  EXPECT_EQ(error_.id, "isolate.gave_up");
  EXPECT_EQ(error_.field("restarts"), "2");
}

TEST_F(Lane, that_delivers_a_whole_scan_in_between_goes_on_with_the_short_pause) {
  policy_.most_in_a_row = 2;
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(die(), 100u);
    lane().went_well();
  }
  EXPECT_EQ(lane().state(), LaneState::starting);
}

TEST_F(Lane, where_nothing_passes_goes_on_when_each_life_was_long) {
  policy_.most_in_a_row = 2;
  for (int i = 0; i < 10; ++i) {
    lane().opened();
    clock_.advance(60'000 * ms);
    ASSERT_TRUE(lane().died()) << i;
    lane().pause_over();
  }
  for (int i = 0; i < 2; ++i) {
    lane().opened();
    clock_.advance(59'999 * ms);
    EXPECT_EQ(lane().died().ok(), i == 0) << "one death of the calm lives counts, then these";
  }
}

TEST_F(Lane, that_dies_and_dies_though_it_delivers_is_a_storm_and_fails_with_one_sentence) {
  policy_.storm_deaths = 4;
  policy_.storm_ms = 10'000;
  for (int i = 0; i < 3; ++i) EXPECT_NE(die(), 0u), lane().went_well();
  EXPECT_EQ(die(), 0u);
  EXPECT_EQ(lane().state(), LaneState::failed);
  EXPECT_EQ(error_.id, "isolate.restart_storm");
  for (const auto language : {base::Language::en, base::Language::es}) {
    const std::string said = base::render(error_, language);
    EXPECT_EQ(said.find('{'), std::string::npos) << said;
    EXPECT_NE(said.find("acme"), std::string::npos) << said;
  }
}

TEST_F(Lane, whose_deaths_lie_far_apart_is_no_storm) {
  policy_.storm_deaths = 4;
  policy_.storm_ms = 10'000;
  for (int i = 0; i < 40; ++i) {
    EXPECT_NE(die(), 0u) << i;
    lane().went_well();
    clock_.advance(4000 * ms);
  }
}

TEST_F(Lane, that_breached_stays_in_quarantine) {
  lane().opened();
  lane().breached();
  lane().opened();
  lane().stop();
  EXPECT_EQ(lane().state(), LaneState::quarantined);
}

TEST_F(Lane, that_was_stopped_is_not_started_again) {
  ASSERT_TRUE(lane().died());
  lane().stop();
  lane().pause_over();
  EXPECT_EQ(lane().state(), LaneState::stopped);
}

TEST_F(Lane, without_restarts_fails_at_the_first_death) {
  policy_.most_in_a_row = 0;
  EXPECT_EQ(die(), 0u);
  EXPECT_EQ(error_.field("restarts"), "0");
}

TEST_F(Lane, lanes_share_nothing) {
  LaneSupervisor other("other", policy_, clock_, [] { return 1.0; });
  other.opened();
  while (lane().state() != LaneState::failed) (void)die();
  EXPECT_EQ(other.state(), LaneState::running);
  EXPECT_EQ(other.deaths(), 0u);
}

TEST(SystemChance, is_not_always_the_same_and_stays_within_its_limits) {
  const auto chance = LaneSupervisor::system_chance();
  const double first = chance();
  bool differs = false;
  for (int i = 0; i < 100; ++i) {
    const double value = chance();
    EXPECT_GE(value, 0.0);
    EXPECT_LT(value, 1.0);
    differs = differs || value != first;
  }
  EXPECT_TRUE(differs);
}

}  // namespace
}  // namespace garita::host
