#include "drivers/nuctech/deinterlace.hpp"

#include <algorithm>
#include <cstring>

namespace garita::nuctech {

// As many detectors at a time as the cache keeps a line of each for: each line is then read once.
void deinterlace(std::span<const std::byte> raw, size_t columns, size_t rows, std::span<uint16_t> high,
                 std::span<uint16_t> low) {
  constexpr size_t columns_at_a_time = 64;
  const size_t stride = rows * 2 * sizeof(uint16_t);
  for (size_t first = 0; first < columns; first += columns_at_a_time) {
    const size_t end = std::min(columns, first + columns_at_a_time);
    for (size_t row = 0; row < rows; ++row) {
      for (size_t column = first; column < end; ++column) {
        uint16_t pair[2];
        std::memcpy(pair, raw.data() + column * stride + row * sizeof pair, sizeof pair);
        high[row * columns + column] = pair[0];
        low[row * columns + column] = pair[1];
      }
    }
  }
}

}  // namespace garita::nuctech
