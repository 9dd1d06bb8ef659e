// Rows of a channel moved onto the view's: exactly, and never across what is not there.
#include "core/normalize/align.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "core/normalize/canonical.hpp"
#include "tests/normalize/fixture.hpp"

namespace garita::normalize {
namespace {

using Row = std::vector<uint16_t>;

class Align : public ::testing::Test {
 protected:
  AlignedRows aligned(RowShift shift, std::vector<uint64_t> lost = {}, std::vector<uint64_t> gaps = {}) {
    return AlignedRows(
        stored.size(), static_cast<uint32_t>(stored.at(0).size()), shift,
        [this](uint64_t row, std::span<uint16_t> out) {
          ++reads;
          std::copy(stored.at(row).begin(), stored.at(row).end(), out.begin());
          return base::Result<void>();
        },
        std::move(lost), std::move(gaps));
  }
  Row row(AlignedRows& rows, uint64_t number) {
    Row out(stored.at(0).size());
    EXPECT_TRUE(rows.row(number, out));
    return out;
  }

  std::vector<Row> stored = {{1000, 2}, {2000, 4}, {4000, 7}, {4001, 7}};
  int reads = 0;
};

constexpr RowShift half_a_row_late{-1, 3000, 6000};

TEST_F(Align, half_a_line_behind_is_half_of_the_row_before_and_half_of_its_own) {
  EXPECT_EQ(row_shift(3000, 6000, false), half_a_row_late);
  AlignedRows rows = aligned(half_a_row_late);
  EXPECT_EQ(row(rows, 1), (Row{1500, 3}));
  EXPECT_EQ(row(rows, 2), (Row{3000, 6}));  // 5.5 goes to the even neighbour
  EXPECT_EQ(row(rows, 3), (Row{4000, 7}));  // 4000.5 too
}

TEST_F(Align, rows_that_are_stored_rear_first_are_moved_the_other_way) {
  EXPECT_EQ(row_shift(-3000, 6000, true), half_a_row_late);
  EXPECT_EQ(row_shift(3000, 6000, true), (RowShift{0, 3000, 6000}));
  AlignedRows rows = aligned({0, 3000, 6000});
  EXPECT_EQ(row(rows, 0), (Row{1500, 3}));
}

TEST_F(Align, without_an_offset_or_a_pitch_rows_stay_as_they_are) {
  EXPECT_TRUE(row_shift(0, 6000, false).none());
  EXPECT_TRUE(row_shift(3000, 0, false).none());
  AlignedRows rows = aligned({});
  for (uint64_t i = 0; i < stored.size(); ++i) EXPECT_EQ(row(rows, i), stored[i]);
}

TEST_F(Align, an_offset_of_more_rows_than_channels_may_run_apart_is_none) {
  EXPECT_TRUE(row_shift(INT64_MAX, 1, false).none());
  EXPECT_TRUE(row_shift(INT64_MIN, UINT32_MAX, true).none());
  EXPECT_TRUE(row_shift(1025 * 6000, 6000, false).none());
  EXPECT_EQ(row_shift(1024 * 6000, 6000, false).rows, -1024);
}

TEST_F(Align, the_end_without_a_neighbour_takes_the_nearest_row_and_is_not_measured) {
  AlignedRows rows = aligned(half_a_row_late);
  EXPECT_EQ(row(rows, 0), stored[0]);
  EXPECT_FALSE(rows.is_measured(0));
  EXPECT_TRUE(rows.is_measured(1));
  EXPECT_TRUE(rows.is_measured(3));
  EXPECT_FALSE(aligned({0, 1, 2}).is_measured(3));
}

TEST_F(Align, a_row_that_needs_a_lost_one_is_lost_and_no_other) {
  AlignedRows rows = aligned(half_a_row_late, {1});
  const Row unmeasured(2, canonical_unmeasured);
  EXPECT_EQ(row(rows, 0), stored[0]);
  EXPECT_EQ(row(rows, 1), unmeasured);
  EXPECT_EQ(row(rows, 2), unmeasured);
  EXPECT_EQ(row(rows, 3), (Row{4000, 7}));
  EXPECT_FALSE(rows.is_measured(2));
}

TEST_F(Align, nothing_is_interpolated_across_lines_that_never_came) {
  AlignedRows rows = aligned(half_a_row_late, {}, {2});
  EXPECT_EQ(row(rows, 1), (Row{1500, 3}));
  EXPECT_EQ(row(rows, 2), Row(2, canonical_unmeasured));
  EXPECT_EQ(row(rows, 3), (Row{4000, 7}));
}

TEST_F(Align, a_dead_column_stays_dead) {
  stored = {{canonical_unmeasured, 9}, {canonical_unmeasured, 11}};
  AlignedRows rows = aligned(half_a_row_late);
  EXPECT_EQ(row(rows, 1), (Row{canonical_unmeasured, 10}));
}

TEST_F(Align, every_stored_row_is_read_once) {
  AlignedRows rows = aligned(half_a_row_late);
  for (uint64_t i = 0; i < stored.size(); ++i) row(rows, i);
  EXPECT_EQ(reads, 4);
}

TEST_F(Align, any_part_of_a_row_is_rounded_as_exact_fractions_are) {
  GARITA_SCOPED_SEED();
  std::mt19937_64 random(seed());
  for (int i = 0; i < 2000; ++i) {
    const auto whole = static_cast<uint32_t>(random() % 1'000'000 + 1),
               part = static_cast<uint32_t>(random() % whole);
    const Row a{static_cast<uint16_t>(random())}, b{static_cast<uint16_t>(random())};
    Row out(1);
    interpolate(a, b, {0, part, whole}, out);
    // |out·whole − sum| ≤ whole/2, and even where it is just that.
    const int64_t sum = int64_t{whole - part} * a[0] + int64_t{part} * b[0];
    const int64_t off = std::abs(2 * (int64_t{out[0]} * whole - sum));
    ASSERT_LE(off, int64_t{whole});
    if (off == int64_t{whole}) {
      ASSERT_EQ(out[0] % 2, 0);
    }
  }
}

TEST_F(Align, a_ramp_that_is_sampled_half_a_line_late_comes_back_where_it_was) {
  stored.assign(50, Row(1));
  for (size_t i = 0; i < stored.size(); ++i) stored[i][0] = static_cast<uint16_t>(2000 + 100 * i + 50);
  AlignedRows rows = aligned(half_a_row_late);
  for (uint64_t i = 1; i < stored.size(); ++i) EXPECT_EQ(row(rows, i)[0], 2000 + 100 * i);
}

}  // namespace
}  // namespace garita::normalize
