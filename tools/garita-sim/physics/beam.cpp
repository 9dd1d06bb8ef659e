#include "tools/garita-sim/physics/beam.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>

#include "tools/garita-sim/physics/xcom_table.hpp"

namespace garita::sim {
namespace {

// Nodes and weights of the 8-point Gauss–Legendre rule on [-1, 1], one half; the other is its mirror image.
constexpr std::array<double, 4> nodes = {0.1834346424956498, 0.5255324099163290, 0.7966664774136267,
                                         0.9602898564975363};
constexpr std::array<double, 4> node_weights = {0.3626837833783620, 0.3137066458778873, 0.2223810344533745,
                                                0.1012285362903763};

struct Point {
  double energy_mev, weight;
};

// Pieces end where the low beam ends: behind it its spectrum is exactly zero.
std::vector<Point> quadrature(double high_mev, double low_mev) {
  const std::array<double, 5> ends = {lowest_energy_mev, 0.125 * low_mev, 0.375 * low_mev, low_mev, high_mev};
  std::vector<Point> points;
  for (size_t piece = 0; piece + 1 < ends.size(); ++piece) {
    const double middle = (ends[piece] + ends[piece + 1]) / 2, half = (ends[piece + 1] - ends[piece]) / 2;
    for (size_t i = 0; i < nodes.size(); ++i)
      for (const double side : {-1.0, 1.0})
        points.push_back({middle + side * half * nodes[i], half * node_weights[i]});
  }
  return points;
}

// 2^y for y ≤ 0 to about 2e-7, straight enough for the vectorizer; below 2^-126 it stays there.
inline float exp2_of_negative(float y) {
  const float shifted = std::max(y, -126.0f) + 127.0f;  // 1 … 127
  const auto whole = static_cast<int32_t>(shifted);
  const float x = shifted - static_cast<float>(whole);  // 0 … 1
  const float mantissa =
      1.0f +
      x * (0.69314718f +
           x * (0.24022651f + x * (0.05550411f + x * (0.00961813f + x * (0.00133336f + x * 0.00015404f)))));
  return mantissa * std::bit_cast<float>(whole << 23);
}

}  // namespace

double signal_weight(double energy_mev, double endpoint_mev) {
  if (energy_mev >= endpoint_mev) return 0;
  constexpr double tungsten_g_cm2 = 0.15 * 19.3, copper_g_cm2 = 0.3 * 8.96, scintillator_g_cm2 = 3.0 * 8.28;
  const double photons = endpoint_mev / energy_mev - 1;
  const double filter = std::exp(-mass_attenuation(Material::tungsten, energy_mev) * tungsten_g_cm2 -
                                 mass_attenuation(Material::copper, energy_mev) * copper_g_cm2);
  const double stopped =
      1 - std::exp(-mass_attenuation(Material::scintillator, energy_mev) * scintillator_g_cm2);
  return photons * filter * energy_mev * stopped;
}

DualBeam::DualBeam(double high_mev, double low_mev) {
  const std::vector<Point> quadrature_points = quadrature(high_mev, low_mev);
  double high_total = 0, low_total = 0;
  for (const Point& point : quadrature_points) {
    high_total += point.weight * signal_weight(point.energy_mev, high_mev);
    low_total += point.weight * signal_weight(point.energy_mev, low_mev);
  }
  for (size_t i = 0; i < points; ++i) {
    const auto& [energy, weight] = quadrature_points[i];
    high_weight_[i] = static_cast<float>(weight * signal_weight(energy, high_mev) / high_total);
    low_weight_[i] = static_cast<float>(weight * signal_weight(energy, low_mev) / low_total);
    for (size_t material = 0; material < ray_materials; ++material)
      attenuation_[material][i] =
          static_cast<float>(mass_attenuation(static_cast<Material>(material), energy));
  }
}

void DualBeam::transmit(const std::array<std::span<const float>, ray_materials>& densities,
                        std::span<float> high, std::span<float> low) {
  rays_.clear();
  for (auto& packed : packed_) packed.clear();
  for (size_t ray = 0; ray < high.size(); ++ray) {
    high[ray] = low[ray] = 1;
    if (densities[0][ray] + densities[1][ray] + densities[2][ray] + densities[3][ray] <= 0) continue;
    rays_.push_back(ray);
    for (size_t material = 0; material < ray_materials; ++material)
      packed_[material].push_back(densities[material][ray]);
  }
  const size_t count = rays_.size();
  high_sum_.assign(count, 0);
  low_sum_.assign(count, 0);
  constexpr float log2_e = 1.44269504f;
  for (size_t point = 0; point < points; ++point) {  // points outside, rays inside: no sum across lanes
    const float a = -log2_e * attenuation_[0][point], b = -log2_e * attenuation_[1][point];
    const float c = -log2_e * attenuation_[2][point], d = -log2_e * attenuation_[3][point];
    const float *s0 = packed_[0].data(), *s1 = packed_[1].data(), *s2 = packed_[2].data(),
                *s3 = packed_[3].data();
    float* __restrict high_sum = high_sum_.data();
    float* __restrict low_sum = low_sum_.data();
    const float high_weight = high_weight_[point], low_weight = low_weight_[point];
    for (size_t i = 0; i < count; ++i) {
      const float through = exp2_of_negative(a * s0[i] + b * s1[i] + c * s2[i] + d * s3[i]);
      high_sum[i] += high_weight * through;
      low_sum[i] += low_weight * through;
    }
  }
  for (size_t i = 0; i < count; ++i) {
    high[rays_[i]] = high_sum_[i];
    low[rays_[i]] = low_sum_[i];
  }
}

}  // namespace garita::sim
