#include "core/freshness/residuals.hpp"

#include <algorithm>

#include "core/freshness/lanes.hpp"

namespace garita::freshness {
namespace {

constexpr uint32_t level_step = 4;  // every how manieth row counts for the level

// Sums of eight columns of a slab, each in a lane.
struct Columns {
  Lanes magnitude_low{}, magnitude_high{};  // of |d| modulo 256, and of |d| / 256
  Lanes most{}, zeros{}, ends{};
  Lanes level{};  // of a quarter of the rows, each a quarter of its value
};

Columns measure_columns(const uint16_t* row, size_t stride, Lanes low, Lanes high) {
  Columns sums;
  Lanes pixels = load(row), above = across(row);
  for (uint32_t y = 0; y < tile_side; ++y) {
    if (y % level_step == 0) sums.level += pixels >> 2;
    sums.ends += one_where((pixels == low) | (pixels == high));
    row += stride;
    pixels = load(row);
    const Lanes below = pixels - load(row + 1), d = above - below, size = size_of(d);
    above = below;
    sums.magnitude_low += size & 0xff;
    sums.magnitude_high += size >> 8;
    sums.most = larger(sums.most, size);
    sums.zeros += one_where(d == Lanes{});
  }
  return sums;
}

void add_to(Tile& tile, const Columns& sums, uint32_t first_column) {
  tile.magnitude += sum(sums.magnitude_low) + 256 * sum(sums.magnitude_high);
  tile.zeros += sum(sums.zeros);
  tile.ends += sum(sums.ends);
  tile.level += sum(sums.level);
  for (uint32_t i = 0; i < lane_count; ++i)
    if (sums.most[i] > tile.most) tile.most = sums.most[i], tile.most_column = first_column + i;
}

}  // namespace

Residuals::Residuals(uint32_t columns, uint16_t low, uint16_t high)
    : tiles_(columns == 0 ? 0 : (columns - 1) / tile_side), stride_(columns), low_(low), high_(high) {}

const std::vector<Tile>* Residuals::tiles_of(uint64_t slab) const {
  const Slot& slot = slots_[slab % slots];
  return slot.slab == slab ? &slot.tiles : nullptr;
}

bool Residuals::add(uint64_t y, std::span<const std::byte> row, uint32_t sample_bytes) {
  const bool follows = next_row_ == y;
  const bool is_first = y % tile_side == 0;
  Slot& slot = slots_[y / tile_side % slots];
  if (!is_first && !follows) return next_row_.reset(), false;
  next_row_ = y + 1;
  if (is_first) slot.slab.reset(), slot.pixels.resize((tile_side + 1) * stride_);
  uint16_t* const to = slot.pixels.data() + y % tile_side * stride_;
  const auto* const from = reinterpret_cast<const uint8_t*>(row.data());
  if (sample_bytes == 2)
    std::memcpy(to, from, stride_ * sizeof(uint16_t));
  else
    std::copy(from, from + stride_, to);
  if (!is_first || !follows) return false;
  newest_ = y / tile_side - 1;
  Slot& above = slots_[newest_ % slots];
  std::copy(to, to + stride_, above.pixels.data() + tile_side * stride_);
  measure(above);
  above.slab = newest_;
  return true;
}

void Residuals::measure(Slot& slot) const {
  slot.tiles.assign(tiles_, Tile());
  const Lanes low = Lanes{} + low_, high = Lanes{} + high_;
  for (uint32_t i = 0; i < tiles_; ++i) {
    Tile& tile = slot.tiles[i];
    for (uint32_t first = 0; first < tile_side; first += lane_count)
      add_to(tile, measure_columns(slot.pixels.data() + i * tile_side + first, stride_, low, high), first);
    tile.level /= tile_side;
  }
}

}  // namespace garita::freshness
