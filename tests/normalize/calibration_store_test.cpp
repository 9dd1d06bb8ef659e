#include "tests/normalize/fixture.hpp"

namespace garita::normalize {
namespace {

constexpr uint32_t dark = GARITA_CALIBRATION_DARK, air = GARITA_CALIBRATION_AIR;

std::string id_of(const base::Result<void>& result) { return result ? "" : result.error().id; }

class Store : public ::testing::Test {
 protected:
  CalibrationStore store;

  void fill(uint64_t id, std::vector<uint32_t> d = {10, 20, 30}, std::vector<uint32_t> a = {5130, 275, 286}) {
    ASSERT_TRUE(store.add(calibration(dark, id, d, 3)));
    ASSERT_TRUE(store.add(calibration(air, id, a, 3)));
  }
  std::string found(uint64_t id) {
    const auto result = store.find(id);
    return result ? "" : result.error().id;
  }
};

TEST_F(Store, pair_becomes_gains_and_dead_pixels) {
  fill(7);
  const auto correction = *store.find(7);
  EXPECT_EQ(correction->dark32, (std::vector<float>{10, 20, 30}));
  EXPECT_EQ(correction->gain32, (std::vector<float>{57344.0F / 5120.0F, 0, 224.0F}));
  EXPECT_EQ(correction->dead, (std::vector<PixelRun>{{0, 1, 1}}));
  EXPECT_EQ(correction->dead_pixels, 1U);
}

TEST_F(Store, id_that_never_came_is_missing) { EXPECT_EQ(found(3), "normalize.calibration_missing"); }

TEST_F(Store, dark_alone_is_unfinished) {
  ASSERT_TRUE(store.add(calibration(dark, 3, std::vector<uint32_t>{1, 2}, 2)));
  EXPECT_EQ(found(3), "normalize.calibration_unfinished");
}

TEST_F(Store, seventeenth_id_pushes_the_oldest_out) {
  for (uint64_t id = 1; id <= 17; ++id) fill(id);
  EXPECT_EQ(found(1), "normalize.calibration_missing");
  EXPECT_EQ(found(2), "");
}

TEST_F(Store, id_that_is_sent_again_is_young_again) {
  for (uint64_t id = 1; id <= 16; ++id) fill(id);
  fill(1);
  fill(17);
  EXPECT_EQ(found(1), "");
  EXPECT_EQ(found(2), "normalize.calibration_missing");
}

TEST_F(Store, second_measurement_replaces_the_first_only_when_whole) {
  fill(1);
  ASSERT_TRUE(store.add(calibration(dark, 1, std::vector<uint32_t>{0, 0, 0}, 3)));
  EXPECT_EQ(found(1), "normalize.calibration_unfinished");
  ASSERT_TRUE(store.add(calibration(air, 1, std::vector<uint32_t>{512, 512, 512}, 3)));
  EXPECT_EQ((*store.find(1))->gain32[0], 112.0F);
}

TEST_F(Store, correction_in_use_outlives_its_id) {
  fill(1);
  const auto held = *store.find(1);
  for (uint64_t id = 2; id <= 17; ++id) fill(id);
  EXPECT_EQ(held->gain32[2], 224.0F);
}

TEST_F(Store, value_of_2_to_the_24_is_refused_and_one_less_is_not) {
  EXPECT_EQ(id_of(store.add(calibration(air, 1, std::vector<uint32_t>{(1U << 24) - 1}, 1))), "");
  EXPECT_EQ(id_of(store.add(calibration(air, 2, std::vector<uint32_t>{1U << 24}, 1))),
            "normalize.calibration_out_of_range");
}

TEST_F(Store, value_that_is_not_finite_is_refused) {
  for (const double bad : {std::nan(""), HUGE_VAL, -HUGE_VAL})
    EXPECT_EQ(id_of(store.add(calibration(dark, 1, std::vector<double>{1.0, bad}, 2))),
              "normalize.calibration_not_finite");
}

TEST_F(Store, refused_piece_makes_the_id_unusable_until_it_comes_whole_again) {
  fill(1);
  ASSERT_FALSE(store.add(calibration(dark, 1, std::vector<uint32_t>{1U << 24, 0, 0}, 3)));
  EXPECT_EQ(found(1), "normalize.calibration_out_of_range");
  fill(1);
  EXPECT_EQ(found(1), "");
}

TEST_F(Store, dark_and_air_of_different_width_are_no_pair) {
  ASSERT_TRUE(store.add(calibration(dark, 1, std::vector<uint32_t>{1, 2}, 2)));
  ASSERT_TRUE(store.add(calibration(air, 1, std::vector<uint32_t>{1, 2, 3}, 3)));
  EXPECT_EQ(found(1), "normalize.calibration_pair");
}

TEST_F(Store, dark_and_air_of_different_type_are_no_pair) {
  ASSERT_TRUE(store.add(calibration(dark, 1, std::vector<uint32_t>{1, 2}, 2)));
  ASSERT_TRUE(store.add(calibration(air, 1, std::vector<double>{1, 2}, 2)));
  EXPECT_EQ(found(1), "normalize.calibration_pair");
}

// A frame of 3 rows × 2 columns in two pieces, with a stride.
image::Calibration piece(uint32_t role, uint32_t first_row, const std::vector<uint32_t>& values) {
  image::Calibration made = calibration(role, 1, values, 2);
  made.first_row = first_row;
  made.total_rows = 3;
  made.row_stride_bytes = 20;
  made.memory = memory_of(values, 2, 20);
  return made;
}

TEST_F(Store, frame_is_put_together_from_pieces) {
  for (const uint32_t role : {dark, air}) {
    ASSERT_TRUE(store.add(piece(role, 0, {role * 1000, role * 1000})));
    ASSERT_TRUE(store.add(piece(role, 1, {role * 2000, role * 2000, role * 3000, 1000})));
  }
  const auto correction = *store.find(1);
  EXPECT_EQ(correction->rows, 3U);
  EXPECT_EQ(correction->dark32, (std::vector<float>{1000, 1000, 2000, 2000, 3000, 1000}));
  EXPECT_EQ(correction->dead, (std::vector<PixelRun>{{2, 1, 1}}));
}

TEST_F(Store, piece_that_leaves_a_gap_is_refused) {
  ASSERT_TRUE(store.add(piece(dark, 0, {1, 1})));
  EXPECT_EQ(id_of(store.add(piece(dark, 2, {1, 1}))), "normalize.calibration_out_of_order");
}

TEST_F(Store, piece_without_a_beginning_is_refused) {
  EXPECT_EQ(id_of(store.add(piece(dark, 1, {1, 1}))), "normalize.calibration_out_of_order");
}

TEST_F(Store, impossible_shapes_are_refused_before_anything_is_read) {
  const auto good = calibration(dark, 1, std::vector<uint32_t>{1, 2}, 2);
  const auto refused = [&](auto change) {
    image::Calibration bad = good;
    change(bad);
    return id_of(store.add(bad)) == "normalize.calibration_misshapen";
  };
  EXPECT_TRUE(refused([](auto& c) { c.role = 3; }));
  EXPECT_TRUE(refused([](auto& c) { c.sample_type = GARITA_SAMPLE_U16; }));
  EXPECT_TRUE(refused([](auto& c) { c.columns = 0; }));
  EXPECT_TRUE(refused([](auto& c) { c.columns = GARITA_MAX_COLUMNS + 1; }));
  EXPECT_TRUE(refused([](auto& c) { c.rows = 0; }));
  EXPECT_TRUE(refused([](auto& c) { c.rows = 2; }));
  EXPECT_TRUE(refused([](auto& c) { c.first_row = UINT32_MAX; }));
  EXPECT_TRUE(refused([](auto& c) { c.total_rows = 0; }));
  EXPECT_TRUE(refused([](auto& c) { c.row_stride_bytes = 7; }));
  EXPECT_TRUE(refused([](auto& c) { c.row_stride_bytes = UINT64_MAX; }));
  EXPECT_TRUE(refused([](auto& c) { c.memory = nullptr; }));
}

TEST_F(Store, claimed_size_beyond_the_limit_is_refused_without_allocating) {
  image::Calibration huge = calibration(dark, 1, std::vector<uint32_t>{1, 2}, 2);
  huge.total_rows = UINT32_MAX;
  EXPECT_EQ(id_of(store.add(huge)), "normalize.calibration_too_large");
}

TEST_F(Store, limit_counts_all_ids_together) {
  CalibrationStore small(64);  // four pixels of one role
  EXPECT_TRUE(small.add(calibration(dark, 1, std::vector<uint32_t>{1, 2, 3}, 3)));
  EXPECT_FALSE(small.add(calibration(dark, 2, std::vector<uint32_t>(6, 1), 6)));
  EXPECT_TRUE(small.add(calibration(dark, 1, std::vector<uint32_t>{4, 5, 6, 7}, 4)));
}

TEST_F(Store, counts_in_binary64_are_alive_from_one_count_up) {
  ASSERT_TRUE(store.add(calibration(dark, 1, std::vector<double>{0.5, 0.5, -1e308}, 3)));
  ASSERT_TRUE(store.add(calibration(air, 1, std::vector<double>{1.5, 1.49, 1e308}, 3)));
  EXPECT_EQ((*store.find(1))->gain64, (std::vector<double>{57344.0, 0, 0}));
}

}  // namespace
}  // namespace garita::normalize
