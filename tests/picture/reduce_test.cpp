#include "core/picture/drawing/reduce.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

namespace garita::picture {
namespace {

uint16_t stored(double transmission) {
  return static_cast<uint16_t>(std::lround(canonical_opaque + canonical_span * transmission));
}

// A plane of `rows` × `columns` with the transmission that `at(row, column)` gives.
class Reduce : public ::testing::Test {
 protected:
  template <typename At>
  void make(uint64_t rows, uint32_t columns, const At& at) {
    values.clear();
    for (uint64_t row = 0; row < rows; ++row)
      for (uint32_t column = 0; column < columns; ++column) values.push_back(stored(at(row, column)));
    plane = plane_over(values, rows, columns);
  }
  cv::Mat1f reduced(int width, int height) const { return reduce(plane, masks, width, height).value(); }

  std::vector<uint16_t> values;
  Plane plane;
  Masks masks;
};

constexpr float close = 2e-5F;  // half a step of the stored value, twice

TEST_F(Reduce, to_its_own_size_is_the_plane_upright) {
  make(5, 3, [](uint64_t row, uint32_t column) { return 0.1 * static_cast<double>(row) + 0.01 * column; });
  const cv::Mat1f image = reduced(5, 3);
  ASSERT_EQ(image.size(), cv::Size(5, 3));
  for (int x = 0; x < 5; ++x)
    for (int y = 0; y < 3; ++y) EXPECT_NEAR(image(y, x), 0.1 * x + 0.01 * y, close);
}

TEST_F(Reduce, by_whole_factors_is_the_mean_of_each_box) {
  make(8, 6, [](uint64_t row, uint32_t column) { return static_cast<double>(row * 6 + column) / 100; });
  const cv::Mat1f image = reduced(4, 2);
  double sum = 0;
  for (int row = 2; row < 4; ++row)
    for (int column = 3; column < 6; ++column) sum += (row * 6 + column) / 100.0;
  EXPECT_NEAR(image(1, 1), sum / 6, close);
}

TEST_F(Reduce, by_any_factor_keeps_the_mean) {
  const uint32_t seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  std::uniform_real_distribution<double> transmission(0, 1);
  for (int round = 0; round < 20; ++round) {
    const uint64_t rows = 1 + random() % 90;
    const uint32_t columns = 1 + random() % 90;
    make(rows, columns, [&](uint64_t, uint32_t) { return transmission(random); });
    double mean = 0;
    for (const uint16_t value : values)
      mean += (value - double{canonical_opaque}) / canonical_span / static_cast<double>(values.size());
    const cv::Mat1f image =
        reduced(1 + static_cast<int>(random() % rows), 1 + static_cast<int>(random() % columns));
    EXPECT_NEAR(cv::mean(image)[0], mean, 1e-4)
        << rows << " x " << columns << " to " << image.cols << " x " << image.rows;
  }
}

TEST_F(Reduce, of_a_flat_plane_is_flat_at_every_size) {
  make(37, 23, [](uint64_t, uint32_t) { return 0.5; });
  for (int width = 1; width <= 37; ++width) {
    double least = 0, most = 0;
    cv::minMaxLoc(reduced(width, std::min(width, 23)), &least, &most);
    EXPECT_NEAR(least, 0.5, close) << width;
    EXPECT_NEAR(most, 0.5, close) << width;
  }
}

TEST_F(Reduce, bridges_dead_columns_between_the_live_ones) {
  make(4, 6, [](uint64_t, uint32_t column) { return column == 2 || column == 3 ? 0.0 : 0.1 * (column + 1); });
  masks.dead_columns = {2, 3};
  const cv::Mat1f image = reduced(4, 6);
  for (int y = 0; y < 6; ++y) EXPECT_NEAR(image(y, 1), 0.1 * (y + 1), close) << y;
}

TEST_F(Reduce, bridges_dead_columns_at_the_edges_with_the_nearest) {
  make(2, 4, [](uint64_t, uint32_t column) { return column == 1 ? 0.3 : column == 2 ? 0.7 : 0.0; });
  masks.dead_columns = {0, 3};
  const cv::Mat1f image = reduced(2, 4);
  EXPECT_NEAR(image(0, 0), 0.3, close);
  EXPECT_NEAR(image(3, 0), 0.7, close);
}

TEST_F(Reduce, leaves_lost_rows_out_of_the_mean) {
  make(4, 2, [](uint64_t row, uint32_t) { return row == 1 ? 0.0 : 0.8; });
  masks.lost_rows = {1};
  EXPECT_NEAR(reduced(2, 2)(0, 0), 0.8, close);
}

TEST_F(Reduce, bridges_pixel_columns_that_were_lost_whole) {
  make(6, 2, [](uint64_t row, uint32_t) { return 0.1 * static_cast<double>(row); });
  masks.lost_rows = {0, 2, 3, 5};
  const cv::Mat1f image = reduced(6, 2);
  EXPECT_NEAR(image(0, 0), 0.1, close);
  EXPECT_NEAR(image(0, 2), 0.2, close);
  EXPECT_NEAR(image(0, 3), 0.3, close);
  EXPECT_NEAR(image(0, 5), 0.4, close);
}

TEST_F(Reduce, of_nothing_but_lost_rows_is_black_and_no_crash) {
  make(3, 2, [](uint64_t, uint32_t) { return 0.5; });
  masks.lost_rows = {0, 1, 2};
  EXPECT_EQ(cv::countNonZero(reduced(3, 2)), 0);
}

TEST_F(Reduce, with_masks_beyond_the_plane_ignores_them) {
  make(2, 2, [](uint64_t, uint32_t) { return 0.5; });
  masks.dead_columns = {0, 1, 7, 4'000'000'000u};
  masks.lost_rows = {99};
  EXPECT_NEAR(reduced(2, 2)(1, 1), 0.5, close);
}

TEST_F(Reduce, gives_the_readers_error_on) {
  plane = {10, 2, [](uint64_t row, std::span<uint16_t>) -> base::Result<void> {
             if (row < 4) return {};
             return base::Error{base::Outcome::no, "package.hash_mismatch", {}, 0};
           }};
  const auto image = reduce(plane, masks, 5, 2);
  ASSERT_FALSE(image);
  EXPECT_EQ(image.error().id, "package.hash_mismatch");
}

}  // namespace
}  // namespace garita::picture
