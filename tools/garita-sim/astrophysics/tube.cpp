#include "tools/garita-sim/astrophysics/tube.hpp"

#include <algorithm>
#include <cmath>

namespace garita::sim {
namespace {

constexpr std::array<double, 11> table_kev = {20, 30, 40, 50, 60, 80, 100, 150, 200, 300, 400};
using Column = std::array<double, table_kev.size()>;

// cm²/g
constexpr Column carbon = {.4420, .2562, .2076, .1871, .1753, .1610, .1514, .1347, .1229, .1066, .09546};
constexpr Column hydrogen = {.3695, .3570, .3458, .3355, .3260, .3091, .2944, .2651, .2429, .2112, .1893};
constexpr Column oxygen = {.8653, .3779, .2585, .2132, .1907, .1678, .1551, .1361, .1237, .1070, .09566};
constexpr Column aluminium = {3.441, 1.128, .5685, .3681, .2778, .2018, .1704, .1378, .1223, .1042, .09276};
constexpr Column iron = {25.68, 8.176, 3.629, 1.958, 1.205, .5952, .3717, .1964, .1460, .1099, .09400};
constexpr Column lead = {86.36, 30.32, 14.36, 8.041, 5.021, 2.419, 5.549, 2.014, .9985, .4031, .2323};
constexpr Column copper = {33.79, 10.92, 4.862, 2.613, 1.593, .7630, .4584, .2217, .1559, .1119, .09413};
constexpr Column caesium_iodide = {29, 9.6, 22.97, 12.87, 7.921, 3.677, 2.035, .7392, .3767, .1840, .1245};

// Straight between the points in both logarithms.
double at(const Column& column, double kev) {
  size_t i = 0;
  while (i + 2 < table_kev.size() && table_kev[i + 1] < kev) ++i;
  const double part = std::log(kev / table_kev[i]) / std::log(table_kev[i + 1] / table_kev[i]);
  return column[i] * std::pow(column[i + 1] / column[i], part);
}

double attenuation(Material material, double kev) {
  switch (material) {
    case Material::organic:  // cellulose, C6H10O5, by weight
      return .4445 * at(carbon, kev) + .0622 * at(hydrogen, kev) + .4933 * at(oxygen, kev);
    case Material::aluminium:
      return at(aluminium, kev);
    case Material::steel:
      return at(iron, kev);
    case Material::lead:
      return at(lead, kev);
    case Material::copper:
      return at(copper, kev);
    default:
      return 0;
  }
}

constexpr double front_g_cm2 = 0.03 * 4.51, between_g_cm2 = 0.06 * 8.96, rear_g_cm2 = 0.4 * 4.51;

// Energy that a layer of caesium iodide keeps of a photon.
double kept(double kev, double g_cm2) { return kev * (1 - std::exp(-at(caesium_iodide, kev) * g_cm2)); }

}  // namespace

Tube::Tube(uint32_t kv) {
  constexpr double first_kev = 20, step_kev = 5;
  const double filter_g_cm2 = kv > 200 ? 0.1 * 8.96 : 0;
  double high_sum = 0, low_sum = 0;
  std::vector<std::pair<double, double>> weights;
  for (double kev = first_kev + step_kev / 2; kev < kv; kev += step_kev) {
    const double photons =
        (kv / kev - 1) * std::exp(-at(aluminium, kev) * 0.81 - at(copper, kev) * filter_g_cm2);
    const double passed = std::exp(-at(caesium_iodide, kev) * front_g_cm2 - at(copper, kev) * between_g_cm2);
    weights.emplace_back(photons * passed * kept(kev, rear_g_cm2), photons * kept(kev, front_g_cm2));
    high_sum += weights.back().first;
    low_sum += weights.back().second;
  }
  for (size_t i = 0; i < weights.size(); ++i) {
    const double kev = first_kev + (static_cast<double>(i) + 0.5) * step_kev;
    Energy energy{};
    for (size_t material = 0; material < ray_materials; ++material)
      energy.attenuation[material] = static_cast<float>(attenuation(static_cast<Material>(material), kev));
    energy.high_weight = static_cast<float>(weights[i].first / high_sum);
    energy.low_weight = static_cast<float>(weights[i].second / low_sum);
    energies_.push_back(energy);
  }
}

void Tube::transmit(const std::array<std::span<const float>, ray_materials>& densities, std::span<float> high,
                    std::span<float> low) const {
  for (size_t ray = 0; ray < high.size(); ++ray) {
    const std::array<float, ray_materials> s = {densities[0][ray], densities[1][ray], densities[2][ray],
                                                densities[3][ray]};
    float high_sum = 0, low_sum = 0;
    if (s[0] + s[1] + s[2] + s[3] <= 0)
      high_sum = low_sum = 1;
    else
      for (const Energy& energy : energies_) {
        const auto& mu = energy.attenuation;
        const float through = std::exp(-mu[0] * s[0] - mu[1] * s[1] - mu[2] * s[2] - mu[3] * s[3]);
        high_sum += energy.high_weight * through;
        low_sum += energy.low_weight * through;
      }
    high[ray] = high_sum;
    if (!low.empty()) low[ray] = low_sum;
  }
}

}  // namespace garita::sim
