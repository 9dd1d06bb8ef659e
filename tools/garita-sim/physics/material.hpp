// The four materials that a ray may cross, and the two that the beam and the detector are made of.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace garita::sim {

// In the order of what is stored: areal densities and ground truth have one number for each of the first
// four.
enum class Material { organic, aluminium, steel, lead, tungsten, copper, scintillator };
inline constexpr size_t ray_materials = 4;

// A ray's areal density of each material, g/cm².
using Densities = std::array<float, ray_materials>;

std::string_view name(Material material);

// cm²/g; organic is cellulose (C6H10O5), the scintillator lead tungstate (PbWO4), steel is taken as iron.
double mass_attenuation(Material material, double energy_mev);

}  // namespace garita::sim
