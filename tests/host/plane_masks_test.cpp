// Masks and gaps of a record as rows and columns of a plane, whatever the record says.
#include "core/host/plane_masks.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <utility>

namespace garita::host {
namespace {

constexpr int64_t huge = std::numeric_limits<int64_t>::max();

class PlaneMasks : public ::testing::Test {
 protected:
  using Rows = std::vector<uint64_t>;

  void lose(int64_t first, int64_t rows) {
    v1::RowRange& range = *channel_.add_lost_lines();
    range.set_first_row(first), range.set_rows(rows);
  }
  void kill(int64_t first_column, int64_t columns, int64_t first_row = 0, int64_t rows = 100) {
    v1::PixelRun& run = *channel_.add_dead_pixels();
    run.set_first_row(first_row), run.set_rows(rows);
    run.set_first_column(first_column), run.set_columns(columns);
  }
  void gap(int64_t before_row) { channel_.add_line_gaps()->set_before_row(before_row); }

  v1::Channel channel_;
  const PlaneSize from_front_{.rows = 100, .columns = 8};
  const PlaneSize from_rear_{.rows = 100, .columns = 8, .rear_first = true};
};

TEST_F(PlaneMasks, of_a_plane_stored_from_the_rear_count_from_the_front) {
  lose(1, 2);
  gap(10);
  EXPECT_EQ(masks_of(channel_, from_front_).lost_rows, (Rows{1, 2}));
  EXPECT_EQ(masks_of(channel_, from_rear_).lost_rows, (Rows{97, 98}));
  EXPECT_EQ(gaps_of(channel_, from_front_), Rows{10});
  EXPECT_EQ(gaps_of(channel_, from_rear_), Rows{90});  // between rows 89 and 90 from the front
}

TEST_F(PlaneMasks, columns_count_as_dead_only_where_they_are_so_in_every_row) {
  kill(3, 2);
  kill(6, 1, 0, 50);
  kill(7, 1, 1, 99);
  EXPECT_EQ(masks_of(channel_, from_front_).dead_columns, (std::vector<uint32_t>{3, 4}));
}

TEST_F(PlaneMasks, said_twice_count_once_in_order) {
  lose(5, 3);
  lose(4, 2);
  kill(2, 1);
  kill(1, 2);
  EXPECT_EQ(masks_of(channel_, from_front_).lost_rows, (Rows{4, 5, 6, 7}));
  EXPECT_EQ(masks_of(channel_, from_front_).dead_columns, (std::vector<uint32_t>{1, 2}));
}

TEST_F(PlaneMasks, beyond_the_plane_are_cut_and_take_no_time) {
  using Pair = std::pair<int64_t, int64_t>;
  for (const auto& [first, count] : {Pair{98, huge}, Pair{huge, huge}, Pair{-1, huge}, Pair{huge, -5}}) {
    lose(first, count);
    kill(first, count);
    gap(first);
  }
  kill(6, huge, 0, huge);
  EXPECT_EQ(masks_of(channel_, from_front_).lost_rows, (Rows{98, 99}));
  EXPECT_EQ(masks_of(channel_, from_front_).dead_columns, (std::vector<uint32_t>{6, 7}));
  EXPECT_EQ(gaps_of(channel_, from_front_), Rows{98});
}

TEST_F(PlaneMasks, of_more_rows_than_anybody_looks_at_are_bounded) {
  for (int i = 0; i < 100; ++i) lose(0, huge);
  const PlaneSize endless{.rows = uint64_t{1} << 60, .columns = 8};
  EXPECT_LE(masks_of(channel_, endless).lost_rows.size(), max_masked_rows);
}

}  // namespace
}  // namespace garita::host
