// One physical object that every family of scanner is shown, so that what comes out can be compared.
//
// It is 550 mm long (x, from its leading end), 300 mm high (y) and 350 mm deep (z, from right to left for
// someone who looks along the travel, so that from below column 0 = left is the largest z), and can be seen
// along two aspects: from the side, by level rays (across = y, depth = z), and from below, by upright ones
// (across = z, depth = y). In each aspect some parts stand alone, one behind nothing else, and can be
// measured:
//
//   side, across = y                                    below, across = z
//   300 ┌────────────────────┬─ ▬▬▬▬ ──────────┐        350 ┌──────────── ▬▬▬▬ ──────────┐
//       │                    │  ◇      ▪       │            │█ steel ███ ◇  ▪             │
//       │ 80 120 180 250 340 │ plate  marker   │            │█ far too █                 │
//       │ mm of steel        │         ▪   ▪   │            │█ thick ███ plate  ▪   ▪    │
//       ├────────────────────┤ ┌────┐ ┌──┐     │            │███████████ ┌────┐ ┌──┐     │
//       │  2   5  10  20  40 │ │poly│ │Al│     │            │███████████ └────┘ └──┘     │
//       │                    │ └────┘ └──┘     │            │███████████ 2   6   15  30  │
//     0 └────────────────────┴─────────────────┘          0 └────────────────────────────┘
//       0                   300               550  x        0         300               550  x
//
// The steps rise with x and the marker is an L of three cubes with its long gap along the travel: every
// mirror image and every exchange of sides is another picture. The plate is a square of 80 mm, turned by
// atan(1/10), so that its middle and its borders are known to a fraction of a pixel whatever the pitch.
#pragma once

#include <string>
#include <vector>

#include "tools/garita-sim/physics/scene.hpp"

namespace garita::sim {

enum class Aspect {
  side,   // rays level across the lane: the across coordinate of a Scene is the height y
  below,  // rays upright: the across coordinate of a Scene is the depth z
};

// A solid in three dimensions, metres. Shape is as seen from the side; balls are balls from everywhere, tubes
// lie along the travel, a disc is a wheel on an axle along z.
struct Body {
  std::string name;
  Material material = Material::steel;
  Shape shape = Shape::box;
  double x0 = 0, x1 = 0, y0 = 0, y1 = 0, z0 = 0, z1 = 0;
  double density_g_cm3 = 1;
  bool hidden = false;
};

// What a Scene of that aspect has of the bodies, their origin moved to x_m along and across_m across.
std::vector<Solid> seen(const std::vector<Body>& bodies, Aspect aspect, double x_m, double across_m);

namespace test_object {

inline constexpr double length_m = 0.550, height_m = 0.300, depth_m = 0.350;
inline constexpr double plate_side_mm = 80, plate_slope = 0.1;
inline constexpr double steel_g_cm3 = 7.87, aluminium_g_cm3 = 2.70, polyethylene_g_cm3 = 0.94;

std::vector<Body> bodies();

// One part that stands alone in an aspect. Millimetres in the object's own frame: along from its leading end,
// across from its lower side (side) or from z = 0 (below).
struct Feature {
  enum class Kind { step, block, plate, marker };

  std::string name;  // "steel 20", "polyethylene", "aluminium", "plate", "marker A" … "marker C"
  Kind kind = Kind::step;
  Material material = Material::steel;
  double along0_mm = 0, along1_mm = 0, across0_mm = 0, across1_mm = 0;  // of the plate: around it
  double thickness_mm = 0;  // along a ray straight through; × Geometry::obliquity() for the others

  double along_mm() const { return (along0_mm + along1_mm) / 2; }
  double across_mm() const { return (across0_mm + across1_mm) / 2; }
};

// All that can be measured in an aspect: steps in order of thickness, then blocks, plate, marker.
std::vector<Feature> features(Aspect aspect);

}  // namespace test_object

// The wedge by which a device is calibrated in millimetres of steel: 27 steps for level rays, and behind them
// 27 plates on the floor for upright ones, of other thicknesses than the test object's.
namespace step_wedge {

inline constexpr double length_m = 1.100;

std::vector<Body> bodies();
std::vector<test_object::Feature> features(Aspect aspect);

}  // namespace step_wedge

// The known materials by which a device learns to tell materials: for level rays, three rows of twelve steps
// of 100 mm, polyethylene below, aluminium over it and steel on top, thinnest first. Thin ones for tubes,
// thick ones for megavolts.
namespace material_wedge {

inline constexpr double length_m = 1.200;

std::vector<Body> bodies();
std::vector<test_object::Feature> features();

}  // namespace material_wedge
}  // namespace garita::sim
