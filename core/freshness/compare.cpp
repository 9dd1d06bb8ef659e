#include "core/freshness/compare.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <map>
#include <numbers>
#include <span>
#include <vector>

#include "core/freshness/patch.hpp"

namespace garita::freshness {
namespace {

constexpr std::array<Way, 4> ways = {{{false, false}, {false, true}, {true, false}, {true, true}}};
constexpr size_t leading_marks = 64, leading_mirrored = 32, max_pairs = 4096;
constexpr int first_word_differing = 20;  // of 64 signs: what differs more there is not looked at
constexpr int patch_differing = 64;       // of 255: a quarter, a correlation of 0.71
constexpr size_t least_votes = 3;
// Shares of signs that differ, over all marks. In the open beam nothing but noise can be alike; elsewhere
// what is alike may be the object, if all of the scan is rough, unless it is alike to the last bit.
constexpr double beam_differing = 0.177, scan_differing = 0.005;

int differing(const Mark& a, const Mark& b, int most) {
  int sum = 0;
  for (size_t i = 0; i < a.signs.size(); ++i) sum += ones(a.signs[i] ^ b.signs[i]);
  return std::min(sum, most + 1);
}

// The mark as it would be in the mirrored plane, but for its place, which Offset takes care of. A residual
// changes its sign with each mirror.
Mark turned_mark(const Mark& mark, Way way) {
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

// Pairs whose patches may agree, by their first words, and there is next to nothing else to do in a
// comparison: of prints that have nothing in common one pair in five hundred comes through.
struct Pair {
  uint16_t own, old;
};
struct Pairs {
  std::array<Pair, max_pairs> found;
  size_t count;
};

[[gnu::always_inline]] inline void add_likely_pairs(std::span<const Mark> marks, std::span<const Mark> old,
                                                    Pairs& pairs) {
  size_t count = 0;
  for (size_t i = 0; i < marks.size(); ++i) {
    const uint64_t own = marks[i].signs[0];
    for (size_t k = 0; k < old.size(); ++k) {
      if (std::popcount(own ^ old[k].signs[0]) > first_word_differing) continue;
      pairs.found[count] = {static_cast<uint16_t>(i), static_cast<uint16_t>(k)};
      if (++count == max_pairs) return void(pairs.count = count);
    }
  }
  pairs.count = count;
}

// With the instruction that counts bits, and for machines without it, where that is a call.
#if defined(__x86_64__)
[[gnu::target("popcnt")]] void add_pairs_by_instruction(std::span<const Mark> marks,
                                                        std::span<const Mark> old, Pairs& pairs) {
  add_likely_pairs(marks, old, pairs);
}
#endif

void add_pairs(std::span<const Mark> marks, std::span<const Mark> old, Pairs& pairs) {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("popcnt")) return add_pairs_by_instruction(marks, old, pairs);
#endif
  add_likely_pairs(marks, old, pairs);
}

// marks: of the new plane, turned as the way has it.
std::optional<Offset> best_offset(const PlanePrint& plane, std::span<const Mark> marks,
                                  std::span<const Mark> old, Way way) {
  Pairs pairs;
  add_pairs(marks, old, pairs);
  std::vector<Offset> votes;
  for (const auto& [i, k] : std::span(pairs.found).first(pairs.count)) {
    if (differing(marks[i], old[k], patch_differing) > patch_differing) continue;
    const Offset offset = offset_of(marks[i], old[k], way);
    if (!is_barred(plane, way, offset)) votes.push_back(offset);
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

Alignment measured(std::span<const Mark> marks, std::span<const Mark> old, Way way, Offset offset) {
  Alignment found{.rows_mirrored = way.rows_mirrored,
                  .columns_mirrored = way.columns_mirrored,
                  .row_shift = offset.first,
                  .column_shift = offset.second};
  std::map<Offset, const Mark*> places;
  for (const Mark& mark : old) places.emplace(Offset(mark.row, mark.column), &mark);
  uint64_t differ = 0;
  for (const Mark& mark : marks) {
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

double limit_of(Yardstick yardstick) {
  return std::cos(std::numbers::pi * (yardstick == Yardstick::beam ? beam_differing : scan_differing));
}

bool is_copy(const Alignment& found) {
  return found.matched >= least_matched && found.matched * 2 >= found.coincident &&
         found.correlation >= found.limit;
}

}  // namespace

Sought::Sought(const PlanePrint& plane) : plane_(plane) {
  for (size_t i = 0; i < ways.size(); ++i) {
    const bool is_mirrored = i > 0;
    leading_[i] = turned(ways[i], is_mirrored ? leading_mirrored : leading_marks);
  }
}

std::vector<Mark> Sought::turned(Way way, size_t most) const {
  std::vector<Mark> marks(plane_.marks.begin(), plane_.marks.begin() + static_cast<std::ptrdiff_t>(std::min(
                                                                           plane_.marks.size(), most)));
  if (way.rows_mirrored || way.columns_mirrored)
    for (Mark& mark : marks) mark = turned_mark(mark, way);
  return marks;
}

std::optional<Alignment> Sought::in(const PlanePrint& old) const {
  const Yardstick yardstick = std::min(plane_.yardstick, old.yardstick);
  if (yardstick == Yardstick::none || plane_.marks.size() < least_matched || old.marks.size() < least_matched)
    return std::nullopt;
  for (size_t i = 0; i < ways.size(); ++i) {
    const size_t most = i == 0 ? old.marks.size() : std::min(old.marks.size(), leading_marks);
    const auto offset = best_offset(plane_, leading_[i], std::span(old.marks).first(most), ways[i]);
    if (!offset) continue;
    Alignment found = measured(turned(ways[i], max_marks), old.marks, ways[i], *offset);
    found.limit = limit_of(yardstick);
    if (is_copy(found)) return found;
  }
  return std::nullopt;
}

bool same_pixels(const PlanePrint& plane, const PlanePrint& old) {
  return plane.rows == old.rows && plane.columns == old.columns && plane.hash == old.hash &&
         plane.content >= least_content;
}

}  // namespace garita::freshness
