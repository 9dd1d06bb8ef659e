#include "core/freshness/tiles.hpp"

#include "core/freshness/lanes.hpp"

namespace garita::freshness {
namespace {

// Sums of both halves of a tile, each lane of two columns.
struct Sums {
  Lanes magnitude_low{}, magnitude_high{};  // of |d| modulo 256, and of |d| / 256
  Lanes zeros{}, ends{};
  Lanes level{};  // of a quarter of the rows, each an eighth of its value
};

// Eight columns of a slab. Returns the largest |d| of each.
SignedLanes add_columns(const uint16_t* row, size_t stride, Lanes low, Lanes high, Sums& into) {
  Sums sums = into;
  SignedLanes most{};
  Lanes pixels = load(row), above = across(row);
  for (uint32_t y = 0; y < tile_side; ++y) {
    if (y % level_step == 0) sums.level += pixels >> 3;
    sums.ends += one_where((pixels == low) | (pixels == high));
    row += stride;
    pixels = load(row);
    const Lanes below = pixels - load(row + 1);
    const auto d = reinterpret_cast<SignedLanes>(above - below), size = size_of(d);
    above = below;
    sums.magnitude_low += reinterpret_cast<Lanes>(size) & 0xff;
    sums.magnitude_high += reinterpret_cast<Lanes>(size) >> 8;
    sums.zeros += one_where(d == SignedLanes{});
    most = larger(most, size);
  }
  into = sums;
  return most;
}

void note_most(Tile& tile, SignedLanes most, uint32_t first_column) {
  for (uint32_t i = 0; i < lane_count; ++i)
    if (const auto size = static_cast<uint32_t>(most[i]); size > tile.most)
      tile.most = size, tile.most_column = first_column + i;
}

Tile measured(const uint16_t* pixels, size_t stride, Lanes low, Lanes high) {
  Tile tile;
  Sums sums;
  for (uint32_t first = 0; first < tile_side; first += lane_count)
    note_most(tile, add_columns(pixels + first, stride, low, high, sums), first);
  tile.magnitude = sum(sums.magnitude_low) + 256 * sum(sums.magnitude_high);
  tile.zeros = sum(sums.zeros);
  tile.ends = sum(sums.ends);
  tile.level = sum(sums.level) / lane_count;
  return tile;
}

}  // namespace

void measure_tiles_plain(const uint16_t* pixels, size_t stride, uint16_t low, uint16_t high,
                         std::span<Tile> tiles) {
  for (size_t i = 0; i < tiles.size(); ++i)
    tiles[i] = measured(pixels + i * tile_side, stride, Lanes{} + low, Lanes{} + high);
}

void measure_tiles(const uint16_t* pixels, size_t stride, uint16_t low, uint16_t high,
                   std::span<Tile> tiles) {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx2")) return measure_tiles_avx2(pixels, stride, low, high, tiles);
#endif
  measure_tiles_plain(pixels, stride, low, high, tiles);
}

}  // namespace garita::freshness
