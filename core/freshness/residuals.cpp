#include "core/freshness/residuals.hpp"

#include <algorithm>

#include "core/freshness/lanes.hpp"

namespace garita::freshness {
namespace {

constexpr uint32_t level_step = 4;  // every how manieth row counts for the level

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
  slot.tiles.resize(tiles_);
  const Lanes low = Lanes{} + low_, high = Lanes{} + high_;
  for (uint32_t i = 0; i < tiles_; ++i)
    slot.tiles[i] = measured(slot.pixels.data() + i * tile_side, stride_, low, high);
}

}  // namespace garita::freshness
