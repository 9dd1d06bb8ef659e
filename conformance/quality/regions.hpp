// What is measured on plain regions: contrast at boundaries, the wedge, dynamic range, extent, noise,
// flatness, aspect, materials.
//
// All of it is on the image's own scale after black is taken away, so a ratio means a ratio of signal.
#pragma once

#include <optional>
#include <vector>

#include "conformance/quality/figure.hpp"
#include "conformance/quality/patch.hpp"

namespace garita::quality {

struct Value {
  double value = 0, u = 0;  // k = 2
  bool at_least = false;    // what was looked at ends here: the truth is this or more
};

// Boundary signal 1 − mean(low)/mean(high) of each pair, and mean over pairs / deviation over pairs (n − 1).
// U: what n values tell of their own mean and deviation. nullopt for fewer than two pairs, a bright side
// without signal, or pairs that agree to the last bit.
struct Boundary {
  Patch low, high;
};
std::optional<Value> boundary_signal_to_noise(const std::vector<Boundary>& pairs);

// Steps from thin to thick. The last whose BSNR, and that of the one before, exceeds the threshold; 0 where
// none; at_least where it is the last of all. A step that could not be measured has the BSNR 0. U: how far
// the answer moves if every BSNR were off by its own U to one side, at least half of the way to the next step
// taken as a rectangle (÷ √3, × 2).
struct Step {
  double thickness_mm = 0;
  Value bsnr;
};
Value penetration(const std::vector<Step>& steps, double threshold);

inline constexpr size_t blur = 13;  // pixels

// Greatest 13 × 13 mean of the open field / deviation behind the darkest step.
std::optional<Value> dynamic_range(const Patch& open, const Patch& dark);

// The smallest distance from the border at which the median 13 × 13 mean / deviation behind the darkest step
// exceeds the threshold on every side, and at every greater distance too; at_least the greatest where none
// does. strips[i]: at distances_mm[i], which rise. U: as penetration's.
struct Border {
  double distance_mm = 0;
  std::vector<Patch> strips;  // one a side, at least 13 × 13
};
std::optional<Value> extent(const std::vector<Border>& borders, const Patch& dark, double threshold);

// 1 − deviation/mean. U: 8 × 8 parts resampled.
std::optional<Value> flatness(const Patch& open);

// Noise power along the rows (turn the patch for the other direction), two-sided, each row without its mean
// and slope: |DFT|² / N × pitch, mean over rows and over the band frequency ± 1/20 cycles a pixel. signal² ·
// mm. U: spread over the rows.
inline constexpr size_t least_noise_rows = 8, least_noise_columns = 32;
std::optional<Value> noise_power(const Patch& open, double frequency, double pitch_mm);

// S² · MTF² / NPS, U by propagation.
std::optional<Value> noise_equivalent_quanta(const Patch& open, const Value& mtf, const Value& nps);

// |1 − (height in pixels / true height) / (width in pixels / true width)| of a dark rectangle of known size
// alone in the patch, at half depth: 0 where pixels are square. The rectangle may be turned a little. U:
// spread over the middle half of rows and of columns, and 0.2 pixel that a border cannot be trusted with.
struct Size {
  double width = 1, height = 1;  // true, in any unit
};
std::optional<Value> aspect(const Patch& patch, const Size& expected);

// −ln(transmission) at the low energy / the same at the high one, against the open field.
struct Energies {
  Patch high, low, open_high, open_low;
};
std::optional<Value> attenuation_ratio(const Energies& energies);
// |a − b| in standard uncertainties: 2 and more tells them apart.
double separation(const Value& a, const Value& b);

}  // namespace garita::quality
