// X-ray tubes of 100 … 400 kV and the two layers of detectors behind the tunnel.
//
// Spectrum: Kramers, N(E) dE ~ (E0/E − 1) dE, behind 3 mm of aluminium (and 1 mm of copper above 200 kV).
// Front layer: 0.3 mm of caesium iodide; behind it 0.6 mm of copper; rear layer: 4 mm of caesium iodide. Both
// integrate energy. The front layer sees the low energies, the rear one what passed it: two energies of one
// tube. No scatter, no characteristic lines. Coefficients: NIST XCOM (see physics/xcom_table.hpp) from 20 to
// 400 keV, rounded.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "tools/garita-sim/physics/material.hpp"

namespace garita::sim {

class Tube {
 public:
  // 100 … 400 kV.
  explicit Tube(uint32_t kv);

  // Transmissions of one line of rays, exactly 1 through nothing. low may be empty.
  void transmit(const std::array<std::span<const float>, ray_materials>& densities, std::span<float> high,
                std::span<float> low) const;

 private:
  struct Energy {
    std::array<float, ray_materials> attenuation;  // cm²/g
    float high_weight, low_weight;                 // sums are 1
  };
  std::vector<Energy> energies_;
};

}  // namespace garita::sim
