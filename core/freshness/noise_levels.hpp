// How much noise there is at which level: the photon transfer curve of one scan (J. R. Janesick, "Photon
// Transfer", SPIE 2007), from tiles, in fixed memory. Tiles with structure in them are above the noise, so a
// low quantile stands for it.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "core/freshness/residuals.hpp"

namespace garita::freshness {

struct NoiseAt {
  double level = 0;      // mean of the tiles' pixels, as stored
  double magnitude = 0;  // of a tile that holds noise alone: sum of |d|
  uint32_t tiles = 0;
};

class NoiseLevels {
 public:
  NoiseLevels() : counts_(levels * bins), sums_(levels), tiles_(levels) {}

  void add(const Tile& tile);

  // Levels lowest … highest, of a step of 2048 each, together; nullopt where no tile lies there.
  std::optional<NoiseAt> at(uint32_t lowest, uint32_t highest) const;
  static uint32_t index(uint32_t level) { return level / level_step; }

  uint64_t tiles() const { return all_; }
  uint64_t tiles(uint32_t index) const { return tiles_[index]; }

  static constexpr uint32_t level_step = 2048, levels = 65536 / level_step;

 private:
  static constexpr uint32_t bins = 8 * 24;  // eighths of octaves of the magnitude; 256 · 32767 is below 2^23
  std::vector<uint32_t> counts_;
  std::vector<uint64_t> sums_, tiles_;
  uint64_t all_ = 0;
};

// Deviation of one pixel, from the magnitude of its tile: E|d| = σ_d·sqrt(2/π), σ_d = 2σ.
double pixel_deviation(double magnitude);

}  // namespace garita::freshness
