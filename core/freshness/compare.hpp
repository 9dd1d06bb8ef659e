// Do two planes hold the same noise, wherever in them it lies?
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "core/freshness/print.hpp"

namespace garita::freshness {

// Where a plane lies in an older one: row = old row + row_shift; of a mirrored axis, row = row_shift - old
// row.
struct Alignment {
  bool rows_mirrored = false, columns_mirrored = false;
  int64_t row_shift = 0, column_shift = 0;
  uint32_t matched = 0;     // marks of both whose patches agree
  uint32_t coincident = 0;  // marks of both in one place
  // Of the residuals around them: cos(π · share of signs that differ), of normal noise; and from where on it
  // is a copy.
  double correlation = 0, limit = 0;
};

struct Way {
  bool rows_mirrored = false, columns_mirrored = false;
};

// A new plane, to be looked for in many old ones. Marks that agree must lie all alike: at least 12 of them
// and half of those that coincide. Patches must agree better than structure of an object can, which is in
// both scans for a good reason: see limits in README.md.
class Sought {
 public:
  explicit Sought(const PlanePrint& plane);  // which outlives this
  std::optional<Alignment> in(const PlanePrint& old) const;

 private:
  std::vector<Mark> turned(Way way, size_t most) const;

  const PlanePrint& plane_;
  std::array<std::vector<Mark>, 4> leading_;  // for each way that a copy can be turned
};

// Equal wherever they were looked at, of planes with content enough that chance is no explanation.
bool same_pixels(const PlanePrint& plane, const PlanePrint& old);

inline constexpr uint32_t least_matched = 12;
inline constexpr uint64_t least_content = 4096;

}  // namespace garita::freshness
