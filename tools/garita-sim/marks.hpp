// --mark CODE[,CODE…]: findings on demand, so that any word of a family can be sent the whole way.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"

namespace garita::sim {

inline constexpr size_t max_marks = 16;

// "R21,R42". Errors: sim.bad_value {option} for an empty code, one of more than 32 bytes or with a control
// character, and for more than max_marks.
base::Result<std::vector<std::string>> parse_marks(std::string_view given);

// Where mark i of n is put along an extent: n equal places side by side, half of each.
struct MarkPlace {
  uint32_t first = 0, count = 0;
};
MarkPlace place_of_mark(size_t i, size_t n, uint32_t extent);

}  // namespace garita::sim
