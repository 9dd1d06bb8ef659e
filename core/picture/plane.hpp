// A canonical plane as a picture takes it: rows of u16 transmission (stored = 1024 + 57344·t), from wherever
// they lie.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/base/result.hpp"

namespace garita::picture {

// The two constants of the canonical image (core/normalize): opaque and the step from opaque to open beam.
inline constexpr uint16_t canonical_opaque = 1024;
inline constexpr uint16_t canonical_span = 57344;
inline constexpr uint16_t canonical_open = canonical_opaque + canonical_span;

// Fills out with the canonical values of row `row`, out.size() = columns. Rows are asked for in rising order.
using RowReader = std::function<base::Result<void>(uint64_t row, std::span<uint16_t> out)>;

struct Plane {
  uint64_t rows = 0;     // along the travel
  uint32_t columns = 0;  // across it
  RowReader read;
};

// A plane over memory that stays valid while it is used; values.size() = rows · columns.
Plane plane_over(std::span<const uint16_t> values, uint64_t rows, uint32_t columns);

// What is bridged for the eye alone: the values in the file stay as they are.
struct Masks {
  std::vector<uint32_t> dead_columns;  // ascending: detector elements that do not answer
  std::vector<uint64_t> lost_rows;  // ascending: rows that stand for lines that never came, or have no dose
};

// How the plane lay in the world.
struct Geometry {
  double pitch_along_m = 0;   // metres from row to row; 0: unknown
  double pitch_across_m = 0;  // metres from column to column; 0: unknown
};

}  // namespace garita::picture
