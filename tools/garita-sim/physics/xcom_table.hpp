// Photon mass attenuation coefficients of the elements that the simulated world is made of.
//
// Source: NIST XCOM: Photon Cross Sections Database (M. J. Berger, J. H. Hubbell, S. M. Seltzer, J. Chang, J.
// S. Coursey, R. Sukumar, D. S. Zucker, K. Olsen; NIST standard reference database 8), total attenuation with
// coherent scattering.
#pragma once

#include <array>
#include <cstddef>

namespace garita::sim {

enum class Element { hydrogen, carbon, nitrogen, oxygen, aluminium, iron, copper, tungsten, lead };
inline constexpr size_t element_count = 9;

inline constexpr double lowest_energy_mev = 0.1, highest_energy_mev = 10;

// cm²/g at energy_mev, interpolated between the table's points in both logarithms. Outside 0.1 … 10 MeV the
// end's slope goes on.
double mass_attenuation(Element element, double energy_mev);

}  // namespace garita::sim
