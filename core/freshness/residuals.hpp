// What is left of a picture when all that lies along a row or along a column is taken away: the mixed second
// difference
//
//   d(y, x) = p(y, x) - p(y, x + 1) - p(y + 1, x) + p(y + 1, x + 1)
//
// Gain and offset of a detector (the same in each row), the dose of a pulse (the same in each column) and
// edges that lie along the travel or across it are gone; noise of the pixels stays, with twice its deviation.
// (J. Immerkær, "Fast noise variance estimation", CVIU 64, 1996, measures noise by such a mask; sensor
// fingerprints are compared in such a residual, J. Lukáš, J. Fridrich, M. Goljan, IEEE TIFS 1(2), 2006 —
// where the fixed pattern is what one looks for, and here what goes.)
//
// Rows come in slabs of 16, of which the last four are held; of a slab that is whole there are sums for each
// tile of 16 by 16. Residuals themselves are made where somebody asks for one, which is seldom.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "core/freshness/tiles.hpp"

namespace garita::freshness {

class Residuals {
 public:
  // columns: of the plane; tiles end before the last column. low, high: values that are no measurement.
  Residuals(uint32_t columns, uint16_t low, uint16_t high);

  uint32_t tiles() const { return tiles_; }
  uint32_t columns() const { return tiles_ * tile_side; }  // of residuals

  // Row y of the plane, of samples of 1 or 2 bytes, as many as there are columns. Rows come in order; a row
  // that does not follow the one before starts anew. True where the slab above it is whole now, which takes
  // the first row of the next.
  bool add(uint64_t y, std::span<const std::byte> row, uint32_t sample_bytes);

  // After add was true: the tiles of the newest slab.
  std::span<const Tile> newest() const { return slots_[newest_ % slots].tiles; }
  uint64_t newest_slab() const { return newest_; }
  // Slab numbers are y / 16. Null where it is not held whole.
  const std::vector<Tile>* tiles_of(uint64_t slab) const;
  bool holds(uint64_t slab) const { return tiles_of(slab) != nullptr; }

  // Residual in a slab that is held. Differences wrap at 16 bits: where one does, there is an edge, and its
  // tile is not used anyway.
  int at(uint64_t y, uint32_t x) const {
    const uint16_t *const above = row(y) + x, *const below = above + stride_;
    return static_cast<int16_t>(static_cast<uint16_t>(above[0] - above[1] - below[0] + below[1]));
  }

  // Row y of a slab that is held; the row below follows it at stride().
  const uint16_t* row(uint64_t y) const {
    return slots_[y / tile_side % slots].pixels.data() + y % tile_side * stride_;
  }
  size_t stride() const { return stride_; }

 private:
  static constexpr size_t slots = 4;
  struct Slot {
    std::optional<uint64_t> slab;  // once it is whole
    std::vector<uint16_t> pixels;  // 17 rows: the last is the next slab's first
    std::vector<Tile> tiles;
  };
  void measure(Slot& slot) const;

  const uint32_t tiles_;
  const size_t stride_;
  const uint16_t low_, high_;
  std::array<Slot, slots> slots_;
  std::optional<uint64_t> next_row_;  // nullopt: the rest of a slab whose start was not seen
  uint64_t newest_ = 0;
};

}  // namespace garita::freshness
