#include "core/freshness/compare.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <numbers>
#include <tuple>
#include <vector>

#include "core/freshness/patch.hpp"

namespace garita::freshness {
namespace {

constexpr size_t leading_marks = 64, leading_mirrored = 32, max_votes = 4096;
constexpr int first_word_differing = 24;  // of 64 signs: what differs more there is not looked at
constexpr int patch_differing = 64;       // of 255: a quarter, a correlation of 0.71
constexpr size_t least_votes = 3;
// Shares of signs that differ, over all marks. In the open beam nothing but noise can be alike; elsewhere
// what is alike may be the object, if all of the scan is rough, unless it is alike to the last bit.
constexpr double beam_differing = 0.177, scan_differing = 0.005;

int differing(const Mark& a, const Mark& b, int most) {
  int sum = ones(a.signs[0] ^ b.signs[0]);
  if (sum > std::min(most, first_word_differing)) return most + 1;
  for (int i = 1; i < 4; ++i) sum += ones(a.signs[i] ^ b.signs[i]);
  return sum;
}

struct Way {
  bool rows_mirrored, columns_mirrored;
};

// The mark as it would be in the mirrored plane, but for its place, which Offset takes care of. A residual
// changes its sign with each mirror.
Mark turned(const Mark& mark, Way way) {
  Mark out = mark;
  out.signs = {};
  const bool negative = way.rows_mirrored != way.columns_mirrored;
  for (int bit = 0; bit < patch_bits; ++bit) {
    int row = bit / patch_columns, column = bit % patch_columns;
    if (way.rows_mirrored) row = patch_rows - 1 - row;
    if (way.columns_mirrored) column = patch_columns - 1 - column;
    const bool sign = (mark.signs[bit / 64] >> (bit % 64) & 1) != negative;
    const int to = row * patch_columns + column;
    if (sign) out.signs[to / 64] |= uint64_t{1} << (to % 64);
  }
  return out;
}

using Offset = std::pair<int64_t, int64_t>;

// The same for all marks of a copy. Of a mirrored axis it is the sum of both places.
Offset offset_of(const Mark& mark, const Mark& old, Way way) {
  const int64_t row = mark.row, column = mark.column, old_row = old.row, old_column = old.column;
  return {way.rows_mirrored ? row + old_row : row - old_row,
          way.columns_mirrored ? column + old_column : column - old_column};
}

// An area detector may show what it is in the same place of every frame.
bool is_barred(const PlanePrint& plane, Way way, Offset offset) {
  return plane.fixed_pattern && !way.rows_mirrored && !way.columns_mirrored && offset == Offset(0, 0);
}

std::optional<Offset> best_offset(const PlanePrint& plane, const std::vector<Mark>& old, Way way,
                                  size_t leading) {
  std::vector<Offset> votes;
  for (size_t i = 0; i < std::min(plane.marks.size(), leading); ++i)
    for (const Mark& other : old) {
      if (differing(plane.marks[i], other, patch_differing) > patch_differing) continue;
      const Offset offset = offset_of(plane.marks[i], other, way);
      if (!is_barred(plane, way, offset) && votes.size() < max_votes) votes.push_back(offset);
    }
  std::sort(votes.begin(), votes.end());
  std::optional<Offset> best;
  size_t most = least_votes - 1;
  for (auto each = votes.begin(); each != votes.end();) {
    const auto end = std::upper_bound(each, votes.end(), *each);
    if (static_cast<size_t>(end - each) > most) most = static_cast<size_t>(end - each), best = *each;
    each = end;
  }
  return best;
}

Alignment measured(const PlanePrint& plane, const std::vector<Mark>& old, Way way, Offset offset) {
  Alignment found{.rows_mirrored = way.rows_mirrored,
                  .columns_mirrored = way.columns_mirrored,
                  .row_shift = offset.first,
                  .column_shift = offset.second};
  std::map<Offset, const Mark*> places;
  for (const Mark& mark : old) places.emplace(Offset(mark.row, mark.column), &mark);
  uint64_t differ = 0;
  for (const Mark& mark : plane.marks) {
    const Offset place(way.rows_mirrored ? offset.first - mark.row : mark.row - offset.first,
                       way.columns_mirrored ? offset.second - mark.column : mark.column - offset.second);
    const auto other = places.find(place);
    if (other == places.end()) continue;
    ++found.coincident;
    const int bits = differing(mark, *other->second, patch_differing);
    if (bits > patch_differing) continue;
    ++found.matched;
    differ += static_cast<uint64_t>(bits);
  }
  if (found.matched == 0) return found;
  const double share = static_cast<double>(differ) / (static_cast<double>(found.matched) * patch_bits);
  found.correlation = std::cos(std::numbers::pi * share);
  return found;
}

bool is_copy(const Alignment& found, Yardstick yardstick) {
  const double most = yardstick == Yardstick::beam ? beam_differing : scan_differing;
  return found.matched >= least_matched && found.matched * 2 >= found.coincident &&
         found.correlation >= std::cos(std::numbers::pi * most);
}

}  // namespace

std::optional<Alignment> same_noise(const PlanePrint& plane, const PlanePrint& old) {
  const Yardstick yardstick = std::min(plane.yardstick, old.yardstick);
  if (yardstick == Yardstick::none || plane.marks.size() < least_matched || old.marks.size() < least_matched)
    return std::nullopt;
  for (const Way way : {Way{false, false}, Way{false, true}, Way{true, false}, Way{true, true}}) {
    const bool is_mirrored = way.rows_mirrored || way.columns_mirrored;
    std::vector<Mark> marks(old.marks.begin(), is_mirrored
                                                   ? old.marks.begin() + static_cast<std::ptrdiff_t>(std::min(
                                                                             old.marks.size(), leading_marks))
                                                   : old.marks.end());
    if (is_mirrored)
      for (Mark& mark : marks) mark = turned(mark, way);
    const auto offset = best_offset(plane, marks, way, is_mirrored ? leading_mirrored : leading_marks);
    if (!offset) continue;
    if (is_mirrored) {
      marks = old.marks;
      for (Mark& mark : marks) mark = turned(mark, way);
    }
    const Alignment found = measured(plane, marks, way, *offset);
    if (is_copy(found, yardstick)) return found;
  }
  return std::nullopt;
}

bool same_pixels(const PlanePrint& plane, const PlanePrint& old) {
  return plane.rows == old.rows && plane.columns == old.columns && plane.hash == old.hash &&
         plane.content >= least_content;
}

}  // namespace garita::freshness
