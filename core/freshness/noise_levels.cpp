#include "core/freshness/noise_levels.hpp"

#include <bit>
#include <cmath>

namespace garita::freshness {
namespace {

constexpr double mean_magnitude = 0.7978845608;  // sqrt(2/π), of a normal deviate
// A tile's magnitude scatters by about 7 % (256 residuals, of which neighbours share pixels): its lower
// quartile lies this much below its mean.
constexpr double quartile_share = 0.955;

uint32_t bin_of(uint32_t magnitude) {
  if (magnitude == 0) return 0;
  const auto octave = static_cast<uint32_t>(std::bit_width(magnitude) - 1);
  const uint32_t eighth = (octave >= 3 ? magnitude >> (octave - 3) : magnitude << (3 - octave)) & 7;
  return 1 + 8 * octave + eighth;
}

double magnitude_in(uint32_t bin, double into) {
  if (bin == 0) return 0;
  return std::ldexp(1.0 + ((bin - 1) % 8 + into) / 8.0, static_cast<int>((bin - 1) / 8));
}

}  // namespace

void NoiseLevels::add(const Tile& tile) {
  const uint32_t at = std::min(index(tile.level), levels - 1);
  ++counts_[at * bins + std::min(bin_of(tile.magnitude), bins - 1)];
  sums_[at] += tile.level;
  ++tiles_[at];
  ++all_;
}

std::optional<NoiseAt> NoiseLevels::at(uint32_t lowest, uint32_t highest) const {
  NoiseAt found;
  std::vector<uint64_t> together(bins);
  uint64_t tiles = 0;
  for (uint32_t i = lowest; i <= std::min(highest, levels - 1); ++i) {
    for (uint32_t bin = 0; bin < bins; ++bin) together[bin] += counts_[i * bins + bin];
    found.level += static_cast<double>(sums_[i]);
    tiles += tiles_[i];
  }
  if (tiles == 0) return std::nullopt;
  found.level /= static_cast<double>(tiles);
  found.tiles = static_cast<uint32_t>(std::min<uint64_t>(tiles, UINT32_MAX));
  uint64_t passed = 0;
  uint32_t bin = 0;
  while (passed + together[bin] <= tiles / 4) passed += together[bin++];
  found.magnitude =
      magnitude_in(bin, static_cast<double>(tiles / 4 - passed) / static_cast<double>(together[bin])) /
      quartile_share;
  return found;
}

double pixel_deviation(double magnitude) { return magnitude / tile_pixels / mean_magnitude / 2; }

}  // namespace garita::freshness
