// One reason for each verdict, and the moment when a scan is not suspect any more.
#include "core/freshness/judge.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/freshness/simulated_lane.hpp"

namespace garita::freshness::testing {
namespace {

// A lane whose device sees some thousand quanta: of the kinds, `empty` shows nothing but noise.
class Judged : public ::testing::Test {
 protected:
  ScanPrint print(const Plane& plane) {
    PlaneTraits traits = lane_.traits();
    traits.raw_counts = raw_counts_;
    traits.noise = noise_;
    traits.fixed_pattern = fixed_pattern_;
    ScanPrint scan{.scan_key = "scan " + std::to_string(++number_),
                   .key_digits = std::to_string(number_),
                   .root = {},
                   .utc_ns = 0,
                   .planes = {}};
    scan.planes.push_back(print_of(plane, traits));
    return scan;
  }
  void remember(int scans) {
    for (int i = 0; i < scans; ++i) last_ = lane_.scan(), history_.push_back(print(last_));
  }
  Judgement judged(const Plane& plane) { return judge(print(plane), history_); }

  Lane lane_{Family::empty, 11};
  Plane last_;
  std::vector<ScanPrint> history_;
  bool raw_counts_ = true, noise_ = true, fixed_pattern_ = false;
  int number_ = 0;
};

TEST_F(Judged, a_first_scan_has_nothing_to_be_compared_with) {
  const Judgement found = judged(lane_.scan());
  EXPECT_EQ(found.verdict, Verdict::not_judged);
  EXPECT_EQ(found.reason, Reason::no_earlier_scan);
}

TEST_F(Judged, a_new_exposure_is_fresh) {
  remember(3);
  const Judgement found = judged(lane_.scan());
  EXPECT_EQ(found.verdict, Verdict::fresh);
  EXPECT_EQ(found.compared, 3u);
}

TEST_F(Judged, equal_planes_are_a_replay_of_the_scan_that_had_them) {
  remember(3);
  const Judgement found = judged(last_);
  EXPECT_EQ(found.verdict, Verdict::replayed);
  EXPECT_EQ(found.reason, Reason::equal_planes);
  EXPECT_EQ(found.old_scan_key, "scan 3");
}

TEST_F(Judged, equal_planes_of_a_picture_for_the_eye_are_a_replay_too) {
  noise_ = false;
  remember(3);
  EXPECT_EQ(judged(last_).reason, Reason::equal_planes);
}

TEST_F(Judged, the_same_scan_told_again_under_its_key_is_no_replay) {
  remember(3);
  ScanPrint again = print(last_);
  again.key_digits = history_.back().key_digits;
  EXPECT_EQ(judge(again, history_).verdict, Verdict::fresh);
}

TEST_F(Judged, a_shifted_and_brightened_copy_is_known_by_its_noise_and_says_how_it_was_shifted) {
  remember(3);
  const Judgement found = judged(brightened(shifted(last_, 21, 5), 0.9, 50));
  EXPECT_EQ(found.reason, Reason::same_noise);
  EXPECT_EQ(found.alignment.row_shift, -21);
  EXPECT_EQ(found.alignment.column_shift, -5);
  EXPECT_GT(found.figure, 0.95);
}

TEST_F(Judged, a_mirrored_copy_is_known_by_its_noise) {
  remember(2);
  const Judgement found = judged(mirrored(last_, true, false));
  EXPECT_EQ(found.reason, Reason::same_noise);
  EXPECT_TRUE(found.alignment.rows_mirrored);
  EXPECT_FALSE(found.alignment.columns_mirrored);
}

TEST_F(Judged, what_an_area_detector_shows_in_each_frame_is_no_replay) {
  fixed_pattern_ = true;
  remember(2);
  EXPECT_EQ(judged(brightened(last_, 0.9, 50)).verdict, Verdict::fresh);
  EXPECT_EQ(judged(shifted(last_, 3, 3)).verdict, Verdict::replayed);
}

TEST_F(Judged, counts_without_noise_are_synthetic_and_a_device_that_smooths_is_not) {
  Plane even{400, 400, std::vector<uint16_t>(400 * 400)};
  for (size_t i = 0; i < even.pixels.size(); ++i) even.pixels[i] = static_cast<uint16_t>(8000 + i / 400 * 40);
  EXPECT_EQ(judged(even).reason, Reason::no_noise);
  raw_counts_ = false;
  EXPECT_EQ(judged(even).verdict, Verdict::not_judged);
}

TEST_F(Judged, far_less_noise_than_ever_is_synthetic_once_the_device_is_known) {
  remember(static_cast<int>(least_earlier) - 1);
  const Plane less = smoothed(lane_.scan());
  EXPECT_NE(judged(less).verdict, Verdict::synthetic);
  remember(1);
  EXPECT_EQ(judged(less).reason, Reason::too_little_noise);
}

TEST_F(Judged, a_plane_of_few_values_is_not_judged) {
  Plane mask{64, 400, std::vector<uint16_t>(64 * 400, 2000)};
  history_.push_back(print(mask));
  raw_counts_ = false;
  const Judgement found = judged(mask);
  EXPECT_EQ(found.verdict, Verdict::not_judged);
  EXPECT_EQ(found.reason, Reason::no_noise_expected);
}

}  // namespace
}  // namespace garita::freshness::testing
