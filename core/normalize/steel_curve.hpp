// How many millimetres of steel would let through what this device measured: from a scan of its own wedge.
//
// A curve belongs to one channel of one view of one device, because spectrum, scatter and detector decide it.
// Between its points it is straight in -ln t, by definition: whoever reads a curve from a record needs no
// more than this sentence.
//
//   steel_mm │            ╱· t_min            fit:  points through the steps by a monotone cubic in -ln t
//   (Fritsch and
//            │         ╱· step                      Carlson 1980: it bends with beam hardening and never
//            turns back), │     ╱· step                          sampled closely enough that straight lines
//            differ by < 0.05 mm │  ╱· step                       beyond t_min: opaque. Nothing is
//            extrapolated from a wedge that the beam └──────────────────── -ln t            no longer goes
//            through.
//
// core/normalize/README.md says how the range is chosen.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "core/base/result.hpp"
#include "core/normalize/canonical.hpp"

namespace garita::normalize {

// One step of a wedge as a device saw it. A step of 0 mm is the open beam beside the wedge; without one t = 1
// counts as 0 mm.
struct SteelStep {
  double steel_mm = 0;
  double transmission = 0;  // mean over the step
  double sigma = 0;         // standard deviation of that mean, ≥ 0
};

struct SteelPoint {
  double transmission = 0;
  double steel_mm = 0;
  double sigma_mm = 0;  // how well the wedge scan fixed the curve here
  friend bool operator==(const SteelPoint&, const SteelPoint&) = default;
};

inline constexpr size_t max_steel_points = 256;  // of a curve
inline constexpr size_t max_steel_steps = 64;    // of a wedge
inline constexpr double max_steel_mm = 10000;

// Immutable; any thread.
class SteelCurve {
 public:
  // Steps in any order. Errors: normalize.steel_step {index, steel_mm} (not finite, negative, too thick),
  // steel_repeated {steel_mm}, steel_too_many {count}, steel_rising {thin_mm, thick_mm} (a thicker step lets
  // more through: the table or the places are wrong), steel_too_few {count} (fewer than two thicknesses can
  // be told apart).
  static base::Result<SteelCurve> fit(std::span<const SteelStep> steps);

  // A curve as it was stored. normalize.steel_stored {index} unless it begins at 0 mm, transmission falls
  // strictly above 0 and up to 4, millimetres rise strictly, all is finite, and there are 2 …
  // max_steel_points.
  static base::Result<SteelCurve> from_points(std::vector<SteelPoint> points);

  // 0 where as much or more arrives as at the first point. nullopt: opaque, below min_transmission(), or NaN.
  std::optional<double> steel_mm(double transmission) const;

  // Standard deviation of steel_mm() for a transmission known to sigma: both that and the curve's own.
  // nullopt as there.
  std::optional<double> sigma_mm(double transmission, double sigma) const;

  // The transmission behind so much steel, for scales and legends; nullopt beyond thickest_mm() or below 0.
  std::optional<double> transmission_of(double steel_mm) const;

  double min_transmission() const { return points_.back().transmission; }
  double thickest_mm() const { return points_.back().steel_mm; }
  std::span<const SteelPoint> points() const { return points_; }

 private:
  explicit SteelCurve(std::vector<SteelPoint> points) : points_(std::move(points)) {}
  size_t segment_of(double transmission) const;

  std::vector<SteelPoint> points_;  // transmission falling
};

// Mean of a step's samples and how well it is known. Neighbouring samples share noise (a line its pulse, a
// column its detector), so the means of rows and of columns are asked as well and the largest deviation
// counts.
class StepMeter {
 public:
  explicit StepMeter(uint32_t columns) : columns_(columns) {}

  // One canonical row; is_usable, where not empty, has one flag a sample: dead pixels are left out.
  void add(std::span<const uint16_t> row, std::span<const uint8_t> is_usable = {});

  uint64_t samples() const { return count_; }
  // normalize.steel_no_samples {steel_mm} where fewer than 16 samples or 2 rows were usable.
  base::Result<SteelStep> result(double steel_mm) const;

 private:
  struct Sums {
    uint64_t count = 0;
    double sum = 0;
  };

  uint32_t columns_;
  uint64_t count_ = 0;
  double sum_ = 0, squares_ = 0;
  std::vector<Sums> per_row_;
  std::vector<Sums> per_column_;
};

}  // namespace garita::normalize
