// The other direction of the driver: what would the device send if it saw this scene? The kit makes scenes
// that nobody has seen, and holds what the driver makes of these bytes against them.
#include "garita_twin.hpp"

namespace {

using Bytes = std::vector<std::byte>;

template <typename Number>
void put(Bytes& out, Number value) {  // little-endian
  for (size_t i = 0; i < sizeof value; ++i)
    out.push_back(static_cast<std::byte>(static_cast<uint64_t>(value) >> 8 * i & 255));
}

// Yours: frames, checksums, calibration lines, whatever the device sends for one scan. This stand-in sends
// 16-bit counts.
Bytes encode(const garita::twin::Scene& scene) {
  constexpr double dark = 200, air = 60000;
  Bytes out;
  for (uint32_t row = 0; row < scene.rows; ++row)
    for (uint32_t column = 0; column < scene.columns; ++column)
      put(out,
          static_cast<uint16_t>(dark + (air - dark) * static_cast<double>(scene.at(0, row, column)) + 0.5));
  return out;
}

}  // namespace

GARITA_TWIN(encode, "@ID@-twin", "0.1.0", "@MODEL@")
