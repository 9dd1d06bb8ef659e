// Sums of residuals (residuals.hpp) over tiles of 16 by 16 pixels.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace garita::freshness {

inline constexpr uint32_t tile_side = 16, tile_pixels = tile_side * tile_side;

struct Tile {
  uint32_t magnitude = 0;    // sum of |d|
  uint32_t level = 0;        // mean of the pixels, of every fourth row
  uint32_t most = 0;         // largest |d|
  uint32_t most_column = 0;  // of the tile's, the first where it is
  uint32_t zeros = 0;        // pixels with d = 0
  uint32_t ends = 0;         // pixels at the end of the scale, or without a measurement
  friend bool operator==(const Tile&, const Tile&) = default;
};

inline constexpr uint32_t level_step = 4;

// Tiles beside each other, from 17 rows with `stride` pixels from one to the next, of which there is one more
// than tiles have. low, high: values that are no measurement. Differences wrap at 16 bits; where one does,
// there is an edge, and its tile is not used anyway.
void measure_tiles(const uint16_t* pixels, size_t stride, uint16_t low, uint16_t high, std::span<Tile> tiles);

// The same, on any machine and where there is AVX2: which one makes no difference to what comes out.
void measure_tiles_plain(const uint16_t* pixels, size_t stride, uint16_t low, uint16_t high,
                         std::span<Tile> tiles);
#if defined(__x86_64__)
void measure_tiles_avx2(const uint16_t* pixels, size_t stride, uint16_t low, uint16_t high,
                        std::span<Tile> tiles);
#endif

}  // namespace garita::freshness
