// The simulated mobile gantry as physics: a scene in, the two pictures out that its computer would make of
// it.
//
// Transmission: one energy, a line of unlike detectors, corrected by the machine with dark and air lines of
// its own, dead detectors filled from their neighbours, then stored linearly between two values that the seed
// draws. Backscatter: a flying spot of low energy, one value for 2 × 2 pixels. What comes back is what light
// material near the surface scatters, behind half of the steel: B = exp(−µ·s) · Σ albedo · (1 − exp(−2 µ s)),
// with counting noise. A picture that looks as such pictures do; no scatter is traced.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "tools/garita-sim/physics/beam.hpp"
#include "tools/garita-sim/physics/detector.hpp"
#include "tools/garita-sim/physics/scene.hpp"
#include "tools/garita-sim/physics/truck.hpp"
#include "tools/garita-sim/truth.hpp"

namespace garita::sim::leidos {

// Line by line from the top, as one looks at it.
struct Picture {
  uint32_t width = 0, height = 0;
  std::vector<uint16_t> samples;
};

struct Exposure {
  Truck truck;
  Geometry geometry;
  Picture transmission, backscatter;
  uint16_t opaque = 0, open = 0;  // stored values of t = 0 and t = 1
  bool nose_left = true;
};

class Gantry {
 public:
  // pitch_in: of a pixel, inches both ways.
  Gantry(uint64_t seed, double pitch_in);

  // The same number gives the same passage. Where truth is wanted its file gets the density of each ray.
  // Errors: sim.unknown_scene, sim.cannot_write_truth.
  base::Result<Exposure> pass(uint64_t number, const std::string& scene, const std::string& truth_folder,
                              const std::string& key);

  const Geometry& geometry() const { return geometry_; }
  static constexpr uint32_t energy_kev = 4500;

 private:
  uint64_t seed_;
  Geometry geometry_;
  Array array_;
  Measured calibration_;
  DualBeam beam_;
  uint16_t opaque_ = 0, open_ = 0;
};

}  // namespace garita::sim::leidos
