#include "core/freshness/tiles.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <vector>

#include "tools/garita-sim/physics/random.hpp"

namespace garita::freshness {
namespace {

constexpr uint16_t low = 1024, high = 65535;

// By the definition, pixel by pixel.
Tile tile_by_definition(const std::vector<uint16_t>& pixels, size_t stride, size_t first) {
  Tile tile;
  for (size_t y = 0; y < tile_side; ++y)
    for (size_t x = 0; x < tile_side; ++x) {
      const uint16_t* const at = pixels.data() + y * stride + first + x;
      const auto d = static_cast<int16_t>(at[0] - at[1] - at[stride] + at[stride + 1]);
      tile.magnitude += static_cast<uint32_t>(std::abs(d));
      tile.zeros += d == 0;
      tile.ends += at[0] == low || at[0] == high;
      if (y % level_step == 0) tile.level += at[0] / 8;
      if (d != INT16_MIN) tile.most = std::max(tile.most, static_cast<uint32_t>(std::abs(d)));
    }
  tile.level /= 8;
  return tile;
}

// Values of every kind: noise, ends of the scale, what repeats, and differences that wrap.
std::vector<uint16_t> pixels_of(uint32_t kind, size_t count) {
  sim::Random random(20261123 + kind);
  std::vector<uint16_t> pixels(count);
  for (uint16_t& pixel : pixels)
    pixel = static_cast<uint16_t>(kind == 0   ? 40000 + random.below(500)
                                  : kind == 1 ? random.below(65536)
                                  : kind == 2 ? 1023 + random.below(3)
                                              : random.below(2) * 65535);
  return pixels;
}

TEST(Tiles, are_as_the_definition_has_them_whatever_the_machine_can_do) {
  constexpr size_t count = 5, stride = count * tile_side + 3;
  for (uint32_t kind = 0; kind < 4; ++kind) {
    const auto pixels = pixels_of(kind, (tile_side + 1) * stride);
    std::vector<Tile> plain(count), best(count);
    measure_tiles_plain(pixels.data(), stride, low, high, plain);
    measure_tiles(pixels.data(), stride, low, high, best);
    EXPECT_EQ(plain, best) << kind;
    for (size_t i = 0; i < count; ++i) {
      Tile expected = tile_by_definition(pixels, stride, i * tile_side);
      expected.most_column = plain[i].most_column;
      EXPECT_EQ(plain[i], expected) << kind << ", tile " << i;
    }
  }
}

}  // namespace
}  // namespace garita::freshness
