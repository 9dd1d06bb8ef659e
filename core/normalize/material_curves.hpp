// What kind of material a ray went through, from two energies by the ratio method, calibrated with known
// materials that the device itself has scanned.
//
//   a = −ln t_high        how much the high energy lost
//   R = ln t_low / ln t_high
//
//   R │ ·─·──·────·  organic
//     │   ·──·──·───·  light
//     │ ·──·───·──·  metal
//     └────────────── a
//
// Light elements and heavy ones lose the two energies in another proportion: pair production at megavolts,
// photoelectric effect at kilovolts. Both beams harden on the way, so R is a curve over a and no number.
// (Alvarez and Macovski, Phys. Med. Biol. 21 (1976) 733; Ogorodnikov and Petrunin, PRST-AB 5 (2002) 104701.)
//
// Between its points a curve is straight in a, by definition. A ray belongs to the curve that its R is
// nearest to, measured between neighbours: half way is the border. Where the three curves do not stand apart
// in one order, or one of them was not measured, nothing is told: README.md states the limits.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"

namespace garita::normalize {

enum class Material : uint8_t { organic = 0, light = 1, metal = 2 };
inline constexpr size_t material_count = 3;
std::string_view name(Material material);  // "organic", "light", "metal"
std::optional<Material> material_of(std::string_view name);

// One place of a known material as a device saw it with both energies.
struct MaterialStep {
  Material material = Material::organic;
  double thickness_mm = 0;
  double high = 0, high_sigma = 0;  // mean transmission and standard deviation of that mean
  double low = 0, low_sigma = 0;
};

struct RatioPoint {
  double attenuation = 0;  // a
  double ratio = 0;        // R
  double sigma = 0;        // of R
  friend bool operator==(const RatioPoint&, const RatioPoint&) = default;
};

inline constexpr size_t max_ratio_points = 64;  // of a material
inline constexpr double opaque_transmission =
    0.004;  // of the high energy; what is left of less is scatter and noise

// What a ray looks like. place: 0 on the organic curve, 1 on that of light elements, 2 on that of metal;
// between and a little beyond, -0.5 … 2.5; of what is untold a guess, for the eye.
struct Told {
  enum class Kind : uint8_t { untold, organic, light, metal, opaque } kind = Kind::untold;
  double place = 1;
};

// Immutable; any thread.
class MaterialCurves {
 public:
  using Points = std::array<std::vector<RatioPoint>, material_count>;

  // Steps in any order. One whose R is not known to 5 %, too thin or too dark for that, is left out. Errors:
  // normalize.material_step {index} (a number that cannot be), material_too_many {count}, material_too_few
  // {material} (fewer than two usable thicknesses), material_not_apart (nowhere do the curves stand apart).
  static base::Result<MaterialCurves> fit(std::span<const MaterialStep> steps);

  // As stored. normalize.material_stored unless each material has 2 … max_ratio_points, attenuations rise
  // strictly, all is finite and possible, and the curves stand apart somewhere.
  static base::Result<MaterialCurves> from_points(Points points);

  // Transmissions of the two energies, each the mean over some neighbourhood: single pixels are too noisy.
  Told tell(double high, double low) const;
  // The same of two attenuations, −ln t.
  Told tell_attenuation(double high, double low) const;

  // Outside of this range of a nothing is told.
  double first_attenuation() const { return first_; }
  double last_attenuation() const { return last_; }
  std::span<const RatioPoint> points(Material material) const {
    return points_[static_cast<size_t>(material)];
  }

 private:
  struct Ratios {
    std::array<double, material_count> ratio, sigma;
  };
  explicit MaterialCurves(Points points) : points_(std::move(points)) {}
  bool find_range();
  bool are_apart(double attenuation, bool metal_is_low) const;
  Ratios at(double attenuation) const;

  Points points_;
  double first_ = 0, last_ = 0;
};

}  // namespace garita::normalize
