#include "core/host/page/plane_rows.hpp"

#include <algorithm>
#include <optional>
#include <vector>

#include "core/package/overview.hpp"

namespace garita::host {
namespace {

uint16_t between(uint16_t before, uint16_t after, uint64_t step, uint64_t steps) {
  const int64_t way = (int64_t{after} - before) * static_cast<int64_t>(step);
  return static_cast<uint16_t>(before + way / static_cast<int64_t>(steps));
}

// Asks the plane for rows in rising order, each at most once; holds the two around a run of lost ones.
class BridgedRows {
 public:
  BridgedRows(const picture::Plane& plane, const picture::Masks& masks)
      : plane_(plane), masks_(masks), before_(plane.columns), after_(plane.columns) {}

  base::Result<void> row(uint64_t row, std::span<uint16_t> out) {
    if (after_row_ && row <= *after_row_) return from_held(row, out);
    while (lost_ < masks_.lost_rows.size() && masks_.lost_rows[lost_] < row) ++lost_;
    if (lost_ == masks_.lost_rows.size() || masks_.lost_rows[lost_] != row) return live(row, out);
    GARITA_TRY(begin_run(row));
    return from_held(row, out);
  }

 private:
  base::Result<void> live(uint64_t row, std::span<uint16_t> out) {
    GARITA_TRY(plane_.read(row, out));
    bridge_columns(out);
    std::copy(out.begin(), out.end(), before_.begin());
    before_row_ = row;
    return {};
  }

  // The rows on both sides of the run that begins here. At an end of the plane, the one there is stands
  // twice; where all are lost, the first stands for all as it is.
  base::Result<void> begin_run(uint64_t row) {
    uint64_t end = row;
    while (lost_ < masks_.lost_rows.size() && masks_.lost_rows[lost_] == end) ++lost_, ++end;
    run_ = row;
    after_row_ = std::min(end, plane_.rows - 1);
    if (end < plane_.rows || !before_row_) {
      GARITA_TRY(plane_.read(*after_row_, after_));
      bridge_columns(after_);
    } else {
      after_ = before_;
    }
    if (!before_row_) before_ = after_;
    run_end_ = end;
    return {};
  }

  base::Result<void> from_held(uint64_t row, std::span<uint16_t> out) {
    if (row >= run_end_) {  // the live row behind the run, read already
      std::copy(after_.begin(), after_.end(), out.begin());
      before_ = after_;
      before_row_ = row;
      return {};
    }
    for (size_t i = 0; i < out.size(); ++i)
      out[i] = between(before_[i], after_[i], row - run_ + 1, run_end_ - run_ + 1);
    return {};
  }

  void bridge_columns(std::span<uint16_t> row) const {
    const auto& dead = masks_.dead_columns;
    for (size_t i = 0; i < dead.size();) {
      size_t end = i + 1;
      while (end < dead.size() && dead[end] == dead[end - 1] + 1) ++end;
      const size_t first = dead[i], behind = dead[end - 1] + size_t{1};
      i = end;
      if (behind > row.size() || (first == 0 && behind == row.size())) continue;
      const uint16_t left = row[first > 0 ? first - 1 : behind],
                     right = row[behind < row.size() ? behind : first - 1];
      for (size_t at = first; at < behind; ++at)
        row[at] = between(left, right, at - first + 1, behind - first + 1);
    }
  }

  const picture::Plane& plane_;
  const picture::Masks& masks_;
  size_t lost_ = 0;
  std::vector<uint16_t> before_, after_;
  std::optional<uint64_t> before_row_, after_row_;
  uint64_t run_ = 0, run_end_ = 0;
};

std::span<const uint16_t> numbers_of(base::Bytes rows) {
  return {reinterpret_cast<const uint16_t*>(rows.data()), rows.size() / 2};
}

}  // namespace

LevelSize size_at(const picture::Plane& plane, uint32_t level) {
  LevelSize size{plane.rows, plane.columns};
  for (uint32_t i = 0; i < level; ++i) {
    size.rows = (size.rows + package::overview_factor - 1) / package::overview_factor;
    size.columns = (size.columns + package::overview_factor - 1) / package::overview_factor;
  }
  return size;
}

base::Result<void> each_row(const picture::Plane& plane, const picture::Masks& masks, uint32_t level,
                            const RowsConsumer& consume) {
  BridgedRows rows(plane, masks);
  constexpr uint32_t rows_a_step = 64;  // a multiple of the overview's four
  std::vector<uint16_t> block(size_t{rows_a_step} * plane.columns);
  package::Overview overview(1, plane.columns);
  const package::OverviewSink sink = [&](uint32_t at, uint32_t, base::Bytes bytes, uint32_t count) {
    return at == level ? consume(numbers_of(bytes), count) : base::Result<void>();
  };
  for (uint64_t row = 0; row < plane.rows; row += rows_a_step) {
    const auto count = static_cast<uint32_t>(std::min<uint64_t>(rows_a_step, plane.rows - row));
    const std::span<uint16_t> part(block.data(), size_t{count} * plane.columns);
    for (uint32_t i = 0; i < count; ++i)
      GARITA_TRY(rows.row(row + i, part.subspan(size_t{i} * plane.columns, plane.columns)));
    if (level == 0)
      GARITA_TRY(consume(part, count));
    else
      GARITA_TRY(overview.add(base::Bytes(part.data(), part.size_bytes()), count, sink));
  }
  return level == 0 ? base::Result<void>() : overview.end(sink);
}

}  // namespace garita::host
