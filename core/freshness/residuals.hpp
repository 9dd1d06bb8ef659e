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
// Residuals come in slabs of 16 rows, of which the last three are held, with sums for each tile of 16 by 16.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace garita::freshness {

inline constexpr uint32_t tile_side = 16, tile_pixels = tile_side * tile_side;

struct Tile {
  uint32_t magnitude = 0;  // sum of |d|
  uint32_t level = 0;      // mean of the pixels
  uint32_t most = 0;       // largest |d|
  uint32_t zeros = 0;      // pixels with d = 0
  uint32_t ends = 0;       // pixels at the end of the scale, or without a measurement
};

class Residuals {
 public:
  // columns: of the plane; tiles end before the last column. low, high: values that are no measurement.
  Residuals(uint32_t columns, uint16_t low, uint16_t high);

  uint32_t tiles() const { return tiles_; }
  uint32_t columns() const { return tiles_ * tile_side; }  // of residuals

  // The residuals between two rows that follow each other; `above` is row y of the plane. Rows come in order;
  // a row that does not follow the one before starts anew. True where a slab is whole now.
  bool add(uint64_t y, std::span<const uint16_t> above, std::span<const uint16_t> below);

  // After add was true: the tiles of the newest slab.
  std::span<const Tile> newest() const { return slots_[newest_ % 3].tiles; }
  uint64_t newest_slab() const { return newest_; }
  // Slab numbers are y / 16. Null where it is not held.
  const std::vector<Tile>* tiles_of(uint64_t slab) const;
  bool holds(uint64_t slab) const { return tiles_of(slab) != nullptr; }

  // Residual at row y of a slab that is held.
  const int16_t* row(uint64_t y) const {
    return slots_[y / tile_side % 3].residuals.data() + y % tile_side * columns();
  }

 private:
  struct Slot {
    std::optional<uint64_t> slab;
    std::vector<int16_t> residuals;
    std::vector<Tile> tiles;
  };
  void clear_sums();
  void end_slab(Slot& slot);

  const uint32_t tiles_;
  const uint16_t low_, high_;
  std::array<Slot, 3> slots_;
  std::optional<uint64_t> next_row_;
  uint64_t newest_ = 0;
  // Of each column of the slab that is being filled.
  std::vector<uint32_t> magnitude_;
  std::vector<uint16_t> levels_, zeros_, ends_;
  std::vector<int16_t> most_;
};

}  // namespace garita::freshness
