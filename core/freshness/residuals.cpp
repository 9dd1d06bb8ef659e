#include "core/freshness/residuals.hpp"

#include <algorithm>

namespace garita::freshness {
namespace {

// Plain loops over whole rows, which compilers turn into vector code. Differences wrap at 16 bits: where one
// does, there is an edge, and its tile is not used anyway.
void differences(const uint16_t* __restrict above, const uint16_t* __restrict below, size_t columns,
                 int16_t* __restrict out) {
  for (size_t x = 0; x < columns; ++x)
    out[x] = static_cast<int16_t>(static_cast<uint16_t>(above[x] - above[x + 1] - below[x] + below[x + 1]));
}

void measure(const int16_t* __restrict residuals, size_t columns, uint32_t* __restrict magnitude,
             int16_t* __restrict most, uint16_t* __restrict zeros) {
  for (size_t x = 0; x < columns; ++x) {
    const int16_t value = std::max<int16_t>(residuals[x], -INT16_MAX);
    const auto size = std::max<int16_t>(value, static_cast<int16_t>(-value));
    magnitude[x] += static_cast<uint16_t>(size);
    most[x] = std::max(most[x], size);
    zeros[x] = static_cast<uint16_t>(zeros[x] + (size == 0));
  }
}

void note_ends(const uint16_t* __restrict row, size_t columns, uint16_t low, uint16_t high,
               uint16_t* __restrict ends) {
  for (size_t x = 0; x < columns; ++x)
    ends[x] = static_cast<uint16_t>(ends[x] + ((row[x] == low) | (row[x] == high)));
}

constexpr uint32_t level_step = 4;  // every how manieth row counts for the level

}  // namespace

Residuals::Residuals(uint32_t columns, uint16_t low, uint16_t high)
    : tiles_(columns == 0 ? 0 : (columns - 1) / tile_side), low_(low), high_(high) {
  const size_t size = this->columns();
  magnitude_.resize(size);
  levels_.resize(size);
  zeros_.resize(size);
  ends_.resize(size);
  most_.resize(size);
}

const std::vector<Tile>* Residuals::tiles_of(uint64_t slab) const {
  const Slot& slot = slots_[slab % 3];
  return slot.slab == slab ? &slot.tiles : nullptr;
}

void Residuals::clear_sums() {
  std::fill(magnitude_.begin(), magnitude_.end(), 0u);
  for (std::vector<uint16_t>* sums : {&levels_, &zeros_, &ends_})
    std::fill(sums->begin(), sums->end(), uint16_t{0});
  std::fill(most_.begin(), most_.end(), int16_t{0});
}

bool Residuals::add(uint64_t y, std::span<const uint16_t> above, std::span<const uint16_t> below) {
  Slot& slot = slots_[y / tile_side % 3];
  if (y % tile_side == 0) {
    slot.slab.reset();
    slot.residuals.resize(tile_side * size_t{columns()});
    clear_sums();
  } else if (next_row_ != y) {
    next_row_.reset();  // the rest of a slab whose start was not seen
    return false;
  }
  next_row_ = y + 1;
  int16_t* const out = slot.residuals.data() + y % tile_side * columns();
  differences(above.data(), below.data(), columns(), out);
  measure(out, columns(), magnitude_.data(), most_.data(), zeros_.data());
  note_ends(above.data(), columns(), low_, high_, ends_.data());
  if (y % level_step == 0)
    for (size_t x = 0; x < columns(); ++x) levels_[x] = static_cast<uint16_t>(levels_[x] + (above[x] >> 2));
  if (y % tile_side != tile_side - 1) return false;
  end_slab(slot);
  slot.slab = newest_ = y / tile_side;
  return true;
}

void Residuals::end_slab(Slot& slot) {
  slot.tiles.assign(tiles_, Tile());
  for (uint32_t i = 0; i < tiles_; ++i) {
    Tile& tile = slot.tiles[i];
    uint32_t level = 0;
    for (uint32_t x = i * tile_side; x < (i + 1) * tile_side; ++x) {
      tile.magnitude += magnitude_[x];
      tile.most = std::max<uint32_t>(tile.most, static_cast<uint32_t>(most_[x]));
      tile.zeros += zeros_[x];
      tile.ends += ends_[x];
      level += levels_[x];
    }
    // Four of sixteen rows, each a quarter of its value.
    tile.level = level / tile_side;
  }
}

}  // namespace garita::freshness
