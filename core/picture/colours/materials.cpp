#include "core/picture/colours/materials.hpp"

#include <array>
#include <cmath>
#include <iterator>

namespace garita::picture {
namespace {

// NIST XCOM, total attenuation with coherent scattering, cm²/g: cellulose, aluminium, iron; copper and
// tungsten to filter.
struct Coefficients {
  double energy_mev;
  std::array<double, 3> material;
  double copper, tungsten;
};
constexpr Coefficients table[] = {
    {0.02, {0.6463, 3.442, 25.68}, 33.8, 65.72},         {0.03, {0.3225, 1.128, 8.176}, 10.91, 22.73},
    {0.04, {0.2413, 0.5684, 3.629}, 4.862, 10.67},       {0.05, {0.2093, 0.3681, 1.957}, 2.613, 5.95},
    {0.06, {0.1923, 0.2778, 1.205}, 1.593, 3.713},       {0.08, {0.1736, 0.2018, 0.5952}, 0.763, 7.809},
    {0.1, {0.1621, 0.1704, 0.3717}, 0.4585, 4.437},      {0.15, {0.1435, 0.1378, 0.1964}, 0.2217, 1.581},
    {0.2, {0.1308, 0.1223, 0.146}, 0.1559, 0.7845},      {0.3, {0.1133, 0.1042, 0.1099}, 0.1119, 0.3238},
    {0.4, {0.1014, 0.09276, 0.094}, 0.09413, 0.1925},    {0.5, {0.09255, 0.08445, 0.08415}, 0.08363, 0.1378},
    {0.6, {0.08557, 0.07802, 0.07704}, 0.07625, 0.1093}, {0.8, {0.07515, 0.06841, 0.06699}, 0.06606, 0.08066},
    {1, {0.06757, 0.06146, 0.05995}, 0.05901, 0.06618},  {1.5, {0.05498, 0.05006, 0.04883}, 0.04803, 0.05},
    {2, {0.0472, 0.04324, 0.04265}, 0.04205, 0.04433},   {3, {0.03789, 0.03541, 0.03621}, 0.03599, 0.04075},
    {4, {0.03245, 0.03106, 0.03312}, 0.03318, 0.04038},  {5, {0.02888, 0.02836, 0.03146}, 0.03177, 0.04103},
    {6, {0.02636, 0.02655, 0.03057}, 0.03108, 0.0421},   {8, {0.02307, 0.02437, 0.02991}, 0.03074, 0.04472},
    {10, {0.02104, 0.02318, 0.02994}, 0.03103, 0.04747},
};

// Straight between the table's points in both logarithms.
Coefficients coefficients_at(double energy_mev) {
  size_t i = 1;
  while (i + 1 < std::size(table) && table[i].energy_mev < energy_mev) ++i;
  const Coefficients &below = table[i - 1], &above = table[i];
  const double share =
      std::log(energy_mev / below.energy_mev) / std::log(above.energy_mev / below.energy_mev);
  const auto between = [share](double a, double b) { return a * std::pow(b / a, share); };
  Coefficients at{
      energy_mev, {}, between(below.copper, above.copper), between(below.tungsten, above.tungsten)};
  for (size_t m = 0; m < 3; ++m) at.material[m] = between(below.material[m], above.material[m]);
  return at;
}

// A scintillator of lead tungstate or the like; in tubes' range it stops all.
constexpr double detector_g_cm2 = 25;

struct Filter {
  double copper_g_cm2 = 0, tungsten_g_cm2 = 0;
};

struct Spectrum {
  std::vector<double> weight;             // of the detector's signal, sum 1
  std::vector<std::array<double, 3>> mu;  // cm²/g
};

// Kramers: photons ~ E0/E - 1; the detector integrates energy.
Spectrum spectrum_of(double end_mev, const Filter& filter) {
  constexpr int points = 120;
  const double lowest = 0.02, ratio = std::pow(end_mev / lowest, 1.0 / points);
  Spectrum spectrum;
  double sum = 0;
  for (int i = 0; i < points; ++i) {
    const double energy = lowest * std::pow(ratio, i + 0.5);
    const Coefficients at = coefficients_at(energy);
    const double through = std::exp(-at.copper * filter.copper_g_cm2 - at.tungsten * filter.tungsten_g_cm2);
    const double stopped = 1 - std::exp(-at.tungsten * detector_g_cm2);
    spectrum.weight.push_back((end_mev / energy - 1) * energy * through * stopped *
                              energy);  // the last: dE on a log grid
    spectrum.mu.push_back(at.material);
    sum += spectrum.weight.back();
  }
  for (double& weight : spectrum.weight) weight /= sum;
  return spectrum;
}

double attenuation(const Spectrum& spectrum, size_t material, double g_cm2) {
  double through = 0;
  for (size_t i = 0; i < spectrum.weight.size(); ++i)
    through += spectrum.weight[i] * std::exp(-spectrum.mu[i][material] * g_cm2);
  return -std::log(through);
}

}  // namespace

MaterialCurves::MaterialCurves(double high_kev, double low_kev) {
  if (high_kev <= 0 && low_kev <= 0) high_kev = 6000, low_kev = 4000;
  if (high_kev <= 0) high_kev = low_kev;
  if (low_kev <= 0) low_kev = high_kev;
  high_kev = std::clamp(high_kev, 60.0, 10000.0);
  low_kev = std::clamp(low_kev, 40.0, high_kev);
  const bool tube = high_kev < 1000;
  const bool sandwich = tube && low_kev > 0.95 * high_kev;
  if (!tube) low_kev = std::min(low_kev, 0.95 * high_kev);
  const Filter head = tube ? Filter{0.02, 0} : Filter{3, 3};
  const Filter behind = sandwich ? Filter{0.6, 0} : head;
  const Spectrum high = spectrum_of(high_kev / 1000, behind), low = spectrum_of(low_kev / 1000, head);
  for (size_t material = 0; material < 3; ++material) {
    std::vector<float>& curve = low_[material];
    double before_high = 0, before_low = 0, g_cm2 = 0;
    while (static_cast<int>(curve.size()) <= steps && g_cm2 < 2000) {
      g_cm2 += 0.02 + g_cm2 * 0.02;
      const double now_high = attenuation(high, material, g_cm2), now_low = attenuation(low, material, g_cm2);
      while (static_cast<int>(curve.size()) <= steps) {
        const double want = max_attenuation * static_cast<double>(curve.size()) / steps;
        if (want > now_high) break;
        curve.push_back(static_cast<float>(before_low + (now_low - before_low) * (want - before_high) /
                                                            std::max(now_high - before_high, 1e-9)));
      }
      before_high = now_high, before_low = now_low;
    }
    curve.resize(steps + 1, curve.empty() ? 0.0F : curve.back());
  }
}

float MaterialCurves::low_of(Material material, float high) const {
  const float at = std::clamp(high, 0.0F, max_attenuation) * (steps / max_attenuation);
  const int i = std::min(static_cast<int>(at), steps - 1);
  const std::vector<float>& curve = low_[material];
  return curve[static_cast<size_t>(i)] +
         (curve[static_cast<size_t>(i) + 1] - curve[static_cast<size_t>(i)]) * (at - static_cast<float>(i));
}

float MaterialCurves::place(float high, float low) const {
  const float on_organic = low_of(organic, high), on_inorganic = low_of(inorganic, high),
              on_metal = low_of(metal, high);
  const float first = on_inorganic - on_organic, second = on_metal - on_inorganic;
  if (std::abs(first) < 1e-6F || std::abs(second) < 1e-6F) return 1;
  const float place =
      (low - on_inorganic) / second > 0 ? 1 + (low - on_inorganic) / second : (low - on_organic) / first;
  return std::clamp(place, -0.5F, 2.5F);
}

float material_certainty(float high_attenuation) {
  constexpr float opaque = 0.006F;
  const float thick_enough = std::clamp((high_attenuation - 0.03F) / 0.15F, 0.0F, 1.0F);
  const float bright_enough =
      std::clamp((std::exp(-high_attenuation) - opaque / 2) / (opaque / 2), 0.0F, 1.0F);
  return thick_enough * bright_enough;
}

Rgb material_colour(float brightness, float place, float certainty) {
  static constexpr float anchors[3][3] = {{242, 139, 20}, {62, 158, 62}, {36, 92, 214}};
  constexpr float full = 0.55F;    // brightness at which a colour is itself: above it pales, below it darkens
  const auto soft = [](float x) {  // most of the way is one colour, the change is quick
    const float inside = std::clamp((x - 0.5F) * 2.5F + 0.5F, 0.0F, 1.0F);
    return inside * inside * (3 - 2 * inside);
  };
  const float at = std::clamp(place, 0.0F, 2.0F);
  const int from = at < 1 ? 0 : 1;
  const float share = soft(at - static_cast<float>(from));
  uint8_t mixed[3];
  for (int i = 0; i < 3; ++i) {
    const float hue = anchors[from][i] + (anchors[from + 1][i] - anchors[from][i]) * share;
    const float coloured = brightness < full ? hue * (brightness / full)
                                             : hue + (255 - hue) * ((brightness - full) / (1 - full));
    const float value = 255 * brightness * (1 - certainty) + coloured * certainty;
    mixed[i] = static_cast<uint8_t>(std::lround(std::clamp(value, 0.0F, 255.0F)));
  }
  return {mixed[0], mixed[1], mixed[2]};
}

}  // namespace garita::picture
