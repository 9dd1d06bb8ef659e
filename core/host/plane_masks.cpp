#include "core/host/plane_masks.hpp"

#include <algorithm>
#include <optional>

namespace garita::host {
namespace {

struct Span {
  uint64_t first = 0, end = 0;  // half-open
};

// What of it lies within `limit`; nullopt: nothing.
std::optional<Span> within(int64_t first, int64_t count, uint64_t limit) {
  if (first < 0 || count <= 0 || static_cast<uint64_t>(first) >= limit) return std::nullopt;
  const auto begin = static_cast<uint64_t>(first);
  return Span{begin, begin + std::min(static_cast<uint64_t>(count), limit - begin)};
}

template <typename Number>
void sort_once(std::vector<Number>& numbers) {
  std::sort(numbers.begin(), numbers.end());
  numbers.erase(std::unique(numbers.begin(), numbers.end()), numbers.end());
}

std::vector<uint32_t> dead_columns_of(const v1::Channel& channel, const PlaneSize& size) {
  std::vector<bool> dead(size.columns);
  for (const v1::PixelRun& run : channel.dead_pixels()) {
    const bool in_every_row = run.first_row() == 0 && static_cast<uint64_t>(run.rows()) >= size.rows;
    const auto span = within(run.first_column(), run.columns(), size.columns);
    if (!in_every_row || !span) continue;
    std::fill(dead.begin() + static_cast<ptrdiff_t>(span->first),
              dead.begin() + static_cast<ptrdiff_t>(span->end), true);
  }
  std::vector<uint32_t> columns;
  for (uint32_t column = 0; column < size.columns; ++column)
    if (dead[column]) columns.push_back(column);
  return columns;
}

}  // namespace

picture::Masks masks_of(const v1::Channel& channel, const PlaneSize& size) {
  picture::Masks masks;
  masks.dead_columns = dead_columns_of(channel, size);
  for (const v1::RowRange& range : channel.lost_lines()) {
    const auto span = within(range.first_row(), range.rows(), size.rows);
    for (uint64_t row = span ? span->first : 0; span && row < span->end; ++row) {
      if (masks.lost_rows.size() == max_masked_rows) break;
      masks.lost_rows.push_back(size.rear_first ? size.rows - 1 - row : row);
    }
  }
  sort_once(masks.lost_rows);
  return masks;
}

std::vector<uint64_t> gaps_of(const v1::Channel& channel, const PlaneSize& size) {
  std::vector<uint64_t> gaps;
  for (const v1::LineGap& gap : channel.line_gaps())
    if (const auto before = static_cast<uint64_t>(gap.before_row()); before > 0 && before < size.rows)
      gaps.push_back(size.rear_first ? size.rows - before : before);
  sort_once(gaps);
  return gaps;
}

}  // namespace garita::host
