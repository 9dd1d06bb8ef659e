// The world between source and detector: solids of one material each, crossed by the rays of a fan.
//
// Coordinates in metres, in the plane in the middle of the lane: x along the travel from the first line on, y
// upward from the ground. Depth lies along the ray. Solids add up: one inside another is what there is more
// of there.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "tools/garita-sim/physics/material.hpp"

namespace garita::sim {

enum class Shape {
  box,   // depth everywhere inside x0 … x1, y0 … y1
  disc,  // an ellipse of that size, the same depth everywhere: a wheel, a coil on its side
  tube,  // a cylinder along the travel: its chord over y, depth in the middle
  ball,  // an ellipsoid: its chord, depth in the middle
};

struct Solid {
  std::string name;
  Material material = Material::steel;
  Shape shape = Shape::box;
  double x0 = 0, x1 = 0, y0 = 0, y1 = 0;
  double depth_m = 0;
  double density_g_cm3 = 1;  // mean over the depth: a pallet of cans is less than a can
  double ripple_m = 0;       // > 0: the depth swings by ± 30 % with this period (corrugated walls)
  bool hidden = false;       // something that is not in the papers
};

struct Geometry {
  uint32_t columns = 640;
  double pitch_across_m = 0.0065;
  double pitch_along_m = 0.005;
  double source_height_m = 1.4;
  double source_distance_m = 5;  // from the middle plane

  // Height where column's ray crosses the middle plane: column 0 is the highest.
  double height_m(uint32_t column) const { return (columns - 0.5 - column) * pitch_across_m; }
  // How much longer than the level ray it is inside a layer of given depth.
  double obliquity(uint32_t column) const;
};

class Scene {
 public:
  Scene(Geometry geometry, std::vector<Solid> solids);

  // g/cm² along each ray of a line at x, a span of `columns` for each material; overwritten.
  void densities(double x_m, const std::array<std::span<float>, ray_materials>& out) const;

  const std::vector<Solid>& solids() const { return solids_; }
  const Geometry& geometry() const { return geometry_; }

 private:
  void add(const Solid& solid, double x_m, std::span<float> out) const;

  Geometry geometry_;
  std::vector<Solid> solids_;
  std::vector<float> obliquity_;
};

}  // namespace garita::sim
