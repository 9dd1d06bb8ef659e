#include "core/normalize/quality.hpp"

#include <cmath>

#include "tests/normalize/fixture.hpp"

namespace garita::normalize {
namespace {

class Measured : public ::testing::Test {
 protected:
  std::mt19937 engine{seed()};
  static constexpr uint32_t columns = 640;
  QualityMeter meter{columns};

  // Rows of level t with gaussian noise; columns [0, object) show something of t 0.3 in front of it.
  void rows(uint32_t count, double t, double noise, uint32_t object = 0) {
    std::normal_distribution<double> around(0, noise);
    std::vector<uint16_t> row(columns);
    for (uint32_t i = 0; i < count; ++i) {
      for (uint32_t c = 0; c < columns; ++c)
        row[c] = static_cast<uint16_t>(
            std::clamp(std::lround(1024 + 57344 * ((c < object ? 0.3 : t) + around(engine))), 0L, 65535L));
      meter.add(row, {});
    }
  }
};

TEST_F(Measured, level_and_noise_of_an_open_field_are_found) {
  GARITA_SCOPED_SEED();
  rows(400, 0.99, 0.01);
  const Quality quality = meter.result();
  ASSERT_TRUE(quality.open_field);
  EXPECT_NEAR(quality.open_field_level, 0.99, 0.002);
  EXPECT_NEAR(quality.open_field_noise, 0.01, 0.0005);
  EXPECT_NEAR(quality.snr, 99, 6);
}

TEST_F(Measured, object_in_the_beam_does_not_count) {
  GARITA_SCOPED_SEED();
  rows(400, 1.0, 0.02, 500);
  const Quality quality = meter.result();
  ASSERT_TRUE(quality.open_field);
  EXPECT_NEAR(quality.open_field_level, 1.0, 0.004);
  EXPECT_NEAR(quality.open_field_noise, 0.02, 0.002);
  EXPECT_LT(quality.open_field_share, 0.25);
}

TEST_F(Measured, noise_wider_than_the_head_room_is_hardly_cut) {
  GARITA_SCOPED_SEED();
  rows(400, 1.0, 0.06);
  EXPECT_NEAR(meter.result().open_field_noise, 0.06, 0.005);
}

TEST_F(Measured, darkest_beside_brightest_pixels_are_counted_in_full) {
  std::vector<uint16_t> row(columns);
  for (uint32_t c = 0; c < columns; ++c) row[c] = c % 16 < 2 ? 0 : 65535;
  for (int i = 0; i < 100; ++i) meter.add(row, {});
  const Quality quality = meter.result();
  EXPECT_NEAR(quality.open_field_level, (65535.0 * 14 / 16 - 1024) / 57344, 1e-6);
  EXPECT_NEAR(quality.open_field_noise, 65535 * std::sqrt(28 / 240.0 / (14.33886 / 15)) / 57344, 0.025);
}

TEST_F(Measured, without_open_beam_nothing_is_claimed) {
  GARITA_SCOPED_SEED();
  rows(100, 0.3, 0.01);
  EXPECT_TRUE(meter.result().measured);
  EXPECT_FALSE(meter.result().open_field);
}

TEST_F(Measured, without_rows_nothing_is_claimed) { EXPECT_FALSE(meter.result().open_field); }

TEST_F(Measured, field_without_noise_has_no_ratio) {
  rows(100, 1.0, 0);
  EXPECT_TRUE(meter.result().open_field);
  EXPECT_EQ(meter.result().open_field_noise, 0);
  EXPECT_EQ(meter.result().snr, 0);
}

TEST_F(Measured, blocks_with_dead_pixels_do_not_count) {
  std::vector<uint16_t> row(columns, canonical_open);
  row[5] = canonical_unmeasured;
  std::vector<uint8_t> usable(columns / QualityMeter::block_columns, 0);
  meter.add(row, usable);
  EXPECT_EQ(meter.result().open_field_share, 0);
  EXPECT_FALSE(meter.result().open_field);
}

TEST(Narrow, rows_of_fewer_columns_than_a_block_measure_nothing) {
  QualityMeter meter(15);
  meter.add(std::vector<uint16_t>(15, canonical_open), {});
  EXPECT_FALSE(meter.result().open_field);
}

}  // namespace
}  // namespace garita::normalize
