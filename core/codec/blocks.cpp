#include "core/codec/blocks.hpp"

#include <bit>

namespace garita::codec {

BlockCode code_of(uint32_t sum, uint32_t samples) {
  const uint64_t mean = (uint64_t{sum} << 8) / samples;  // 1/256
  constexpr uint64_t limits[] = {30, 90, 200, 420, 768};
  for (uint32_t i = 0; i < 5; ++i)
    if (mean < limits[i]) return {0, i + 1};
  const uint64_t units = mean / 768;  // 3 in 1/256: at least 1
  const auto k = static_cast<uint32_t>(std::bit_width(units)) - 1;
  const uint64_t place = (mean >> k) * 4 / 768;  // 4 … 7 within its octave
  return {k, 6 + static_cast<uint32_t>(place - 4) / 2};
}

}  // namespace garita::codec
