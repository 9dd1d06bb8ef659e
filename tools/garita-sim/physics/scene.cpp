#include "tools/garita-sim/physics/scene.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace garita::sim {
namespace {

// Share of the depth at a place inside the solid's frame, u and v from -1 to 1.
double chord(Shape shape, double u, double v) {
  switch (shape) {
    case Shape::box:
      return 1;
    case Shape::disc:
      return u * u + v * v <= 1 ? 1 : 0;
    case Shape::tube:
      return std::sqrt(std::max(0.0, 1 - v * v));
    case Shape::ball:
      return std::sqrt(std::max(0.0, 1 - u * u - v * v));
  }
  return 0;
}

}  // namespace

double Geometry::obliquity(uint32_t column) const {
  const double rise = (height_m(column) - source_height_m) / source_distance_m;
  return std::sqrt(1 + rise * rise);
}

Scene::Scene(Geometry geometry, std::vector<Solid> solids) : geometry_(geometry), solids_(std::move(solids)) {
  for (uint32_t column = 0; column < geometry_.columns; ++column)
    obliquity_.push_back(static_cast<float>(geometry_.obliquity(column)));
}

void Scene::densities(double x_m, const std::array<std::span<float>, ray_materials>& out) const {
  for (const auto& line : out) std::fill(line.begin(), line.end(), 0.0f);
  for (const Solid& solid : solids_)
    if (x_m >= solid.x0 && x_m < solid.x1) add(solid, x_m, out[static_cast<size_t>(solid.material)]);
}

void Scene::add(const Solid& solid, double x_m, std::span<float> out) const {
  const double columns = geometry_.columns, pitch = geometry_.pitch_across_m;
  const auto column_of = [&](double y) { return std::clamp(columns - y / pitch, 0.0, columns); };
  const auto first = static_cast<uint32_t>(column_of(solid.y1)),
             end = static_cast<uint32_t>(std::ceil(column_of(solid.y0)));
  const double u = (2 * x_m - solid.x0 - solid.x1) / (solid.x1 - solid.x0);
  double depth_g_cm2 = solid.depth_m * 100 * solid.density_g_cm3;
  if (solid.ripple_m > 0) depth_g_cm2 *= 1 + 0.3 * std::sin(2 * std::numbers::pi * x_m / solid.ripple_m);
  for (uint32_t column = first; column < end; ++column) {
    const double y = geometry_.height_m(column);
    if (y < solid.y0 || y >= solid.y1) continue;
    const double v = (2 * y - solid.y0 - solid.y1) / (solid.y1 - solid.y0);
    out[column] += static_cast<float>(depth_g_cm2 * chord(solid.shape, u, v)) * obliquity_[column];
  }
}

}  // namespace garita::sim
