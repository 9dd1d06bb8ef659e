#include "core/freshness/residuals.hpp"

#include <algorithm>
#include <cstring>

namespace garita::freshness {
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
  measure_tiles(slot.pixels.data(), stride_, low_, high_, slot.tiles);
}

}  // namespace garita::freshness
