#include "tools/garita-sim/scenes.hpp"

#include <algorithm>

namespace garita::sim {
namespace {

class Bag {
 public:
  explicit Bag(Random& random) : random_(random) {}

  std::vector<Body> pack() {
    shell();
    clothes();
    if (random_.chance(0.7)) laptop();
    if (random_.chance(0.6)) bottle();
    if (random_.chance(0.6)) shoes();
    if (random_.chance(0.5)) umbrella();
    if (random_.chance(0.3)) pistol();
    return std::move(bodies_);
  }

 private:
  static constexpr double length = 0.50, height = 0.22, depth = 0.34;

  void put(const char* name, Material material, Shape shape, double x, double y, double z, double dx,
           double dy, double dz, double density) {
    bodies_.push_back({name, material, shape, x, x + dx, y, y + dy, z, z + dz, density, false});
  }

  // Six sides of a case, and the rails of its handle.
  void shell() {
    constexpr double wall = 0.003, density = 1.05;
    put("shell", Material::organic, Shape::box, 0, 0, 0, length, wall, depth, density);
    put("shell", Material::organic, Shape::box, 0, height - wall, 0, length, wall, depth, density);
    put("shell", Material::organic, Shape::box, 0, 0, 0, length, height, wall, density);
    put("shell", Material::organic, Shape::box, 0, 0, depth - wall, length, height, wall, density);
    put("shell", Material::organic, Shape::box, 0, 0, 0, wall, height, depth, density);
    put("shell", Material::organic, Shape::box, length - wall, 0, 0, wall, height, depth, density);
    for (const double z : {0.09, 0.24})
      put("handle", Material::aluminium, Shape::tube, 0.01, 0.005, z, length - 0.02, 0.012, 0.012, 1.3);
  }

  void clothes() {
    const uint32_t pieces = 3 + random_.below(4);
    for (uint32_t piece = 0; piece < pieces; ++piece)
      put("clothes", Material::organic, Shape::ball, random_.uniform(0.01, 0.2), random_.uniform(0.01, 0.09),
          random_.uniform(0.01, 0.12), 0.27, 0.11, 0.2, random_.uniform(0.15, 0.35));
  }

  void laptop() {
    const double x = random_.uniform(0.03, 0.12), z = random_.uniform(0.03, 0.08);
    put("laptop", Material::aluminium, Shape::box, x, 0.180, z, 0.33, 0.003, 0.23, 2.7);
    put("board", Material::organic, Shape::box, x, 0.183, z, 0.33, 0.008, 0.23, 1.2);
    for (uint32_t cell = 0; cell < 3; ++cell)
      put("battery", Material::steel, Shape::tube, x + 0.03 + 0.07 * cell, 0.180, z + 0.03, 0.065, 0.018,
          0.018, 2.7);
  }

  void bottle() {
    const double x = random_.uniform(0.03, 0.25), z = random_.uniform(0.03, 0.2);
    put("bottle", Material::organic, Shape::tube, x, 0.02, z, 0.21, 0.07, 0.07, 1.0);
  }

  void shoes() {
    const double x = random_.uniform(0.05, 0.2);
    for (const double z : {0.05, 0.16}) {
      put("sole", Material::organic, Shape::box, x, 0.012, z, 0.26, 0.012, 0.08, 1.1);
      put("shank", Material::steel, Shape::box, x + 0.09, 0.024, z + 0.033, 0.10, 0.0015, 0.014, 7.87);
    }
  }

  void umbrella() {
    const double z = random_.uniform(0.04, 0.28);
    put("umbrella rod", Material::steel, Shape::tube, 0.08, 0.15, z, 0.28, 0.009, 0.009, 5.0);
    put("umbrella", Material::organic, Shape::tube, 0.08, 0.135, z - 0.02, 0.25, 0.05, 0.05, 0.5);
  }

  void pistol() {
    const double x = random_.uniform(0.08, 0.25), z = random_.uniform(0.05, 0.18);
    const size_t first = bodies_.size();
    put("slide", Material::steel, Shape::box, x, 0.10, z, 0.18, 0.028, 0.026, 5.5);
    put("grip", Material::steel, Shape::box, x + 0.12, 0.10, z + 0.026, 0.045, 0.026, 0.095, 2.5);
    for (uint32_t round = 0; round < 8; ++round)
      put("round", Material::lead, Shape::tube, x + 0.125, 0.108, z + 0.035 + 0.010 * round, 0.012, 0.009,
          0.009, 10.5);
    for (size_t at = first; at < bodies_.size(); ++at) bodies_[at].hidden = true;
  }

  Random& random_;
  std::vector<Body> bodies_;
};

// As little as shows something: for who wants many scans, or every byte of one.
std::vector<Body> block() {
  return {{"block", Material::steel, Shape::box, 0, 0.06, 0, 0.06, 0, 0.06, test_object::steel_g_cm3, false}};
}

Truck placed(const std::vector<Body>& bodies, double length_m, const char* goods, const char* hs_code,
             const Placement& placement) {
  Truck scene;
  scene.length_m = length_m + 2 * placement.air_m;
  scene.goods = goods;
  scene.hs_code = hs_code;
  scene.solids = seen(bodies, placement.aspect, placement.air_m, placement.across_m);
  for (const Solid& solid : scene.solids) scene.hides |= solid.hidden;
  return scene;
}

}  // namespace

bool is_scene(std::string_view name) {
  return name == "lorry" || name == "object" || name == "wedge" || name == "materials" || name == "bag" ||
         name == "block";
}

std::vector<Body> draw_bag(Random& random) { return Bag(random).pack(); }

base::Result<Truck> scene_by_name(std::string_view name, Random& random, const Placement& placement) {
  if (name == "lorry") return draw_truck(random);
  if (name == "object")
    return placed(test_object::bodies(), test_object::length_m, "Test object", "902490", placement);
  if (name == "wedge")
    return placed(step_wedge::bodies(), step_wedge::length_m, "Step wedge", "902490", placement);
  if (name == "materials")
    return placed(material_wedge::bodies(), material_wedge::length_m, "Known materials", "902490", placement);
  if (name == "block") {
    Placement close = placement;
    close.air_m = std::min(close.air_m, 0.05);
    return placed(block(), 0.06, "Steel", "720720", close);
  }
  if (name == "bag") return placed(draw_bag(random), 0.50, "Baggage", "420212", placement);
  return base::Error{base::Outcome::usage, "sim.unknown_scene", {{"name", std::string(name)}}};
}

base::Result<Truck> scene_by_name(std::string_view name, uint64_t seed, const Placement& placement) {
  Random random(seed);
  return scene_by_name(name, random, placement);
}

Place place_of(const test_object::Feature& feature, const Placement& placement, const Geometry& geometry) {
  const double height_mm = 1000 * geometry.columns * geometry.pitch_across_m;
  return {1000 * placement.air_m + feature.along_mm(),
          height_mm - 1000 * placement.across_m - feature.across_mm()};
}

}  // namespace garita::sim
