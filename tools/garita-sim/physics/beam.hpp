// How much of the beam gets through: polychromatic narrow-beam transmission of both energies.
//
// Spectrum: Kramers' thick-target bremsstrahlung, N(E) dE ~ (E0/E − 1) dE (H. A. Kramers, Phil. Mag. 46
// (1923) 836), behind 1.5 mm of tungsten (the target's own) and 3 mm of copper. Detector: 30 mm of lead
// tungstate that integrates energy, so that a photon counts E · (1 − exp(−µx)). Transmission t = ∫ w(E)
// exp(−Σ µ_m(E) s_m) dE / ∫ w(E) dE, Beer–Lambert for each energy, no scatter. The integral is a
// Gauss–Legendre sum over pieces of 0.1 … 6 MeV; both beams share its points.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <vector>

#include "tools/garita-sim/physics/material.hpp"

namespace garita::sim {

// Signal of photons of energy_mev from a generator of endpoint_mev, any unit; 0 above the end.
double signal_weight(double energy_mev, double endpoint_mev);

class DualBeam {
 public:
  // Endpoints in MeV, at most 10, high above low.
  DualBeam(double high_mev, double low_mev);

  // Transmissions of one line of rays. densities: one span a material, all as long as high and low. Rays that
  // cross nothing give exactly 1.
  void transmit(const std::array<std::span<const float>, ray_materials>& densities, std::span<float> high,
                std::span<float> low);

 private:
  static constexpr size_t points = 32;

  std::array<std::array<float, points>, ray_materials> attenuation_;  // cm²/g
  std::array<float, points> high_weight_, low_weight_;                // sums are 1
  // One line's rays that cross something, packed.
  std::vector<size_t> rays_;
  std::array<std::vector<float>, ray_materials> packed_;
  std::vector<float> high_sum_, low_sum_;
};

}  // namespace garita::sim
