#include "tools/garita-sim/physics/truck.hpp"

#include <algorithm>
#include <array>
#include <iterator>

namespace garita::sim {
namespace {

constexpr double steel_density = 7.87, aluminium_density = 2.70, lead_density = 11.34;
constexpr double air_m = 0.7, inside_m = 2.35;

// A kind of load: pallets of something. fill: part of the depth that is taken.
struct Load {
  std::string_view goods, hs_code;
  Material material;
  double density_g_cm3;
  Shape shape;
  double depth_low_m, depth_high_m, height_low_m, height_high_m, step_m;
};

constexpr Load loads[] = {
    {"Avocados", "080440", Material::organic, 0.55, Shape::box, 1.6, 2.2, 1.2, 2.0, 1.20},
    {"Beer", "220300", Material::organic, 0.80, Shape::box, 1.0, 2.0, 0.8, 1.3, 1.20},
    {"Paper reels", "480100", Material::organic, 0.75, Shape::disc, 1.0, 2.0, 1.2, 1.3, 1.35},
    {"Electric motors", "850152", Material::steel, 1.10, Shape::box, 0.8, 1.2, 0.7, 1.1, 1.20},
    {"Steel coils", "720839", Material::steel, steel_density, Shape::disc, 0.18, 0.32, 0.9, 1.2, 2.40},
    {"Aluminium ingots", "760110", Material::aluminium, aluminium_density, Shape::box, 0.6, 1.1, 0.5, 0.9,
     1.25},
    {"Lead-acid batteries", "850710", Material::lead, lead_density, Shape::box, 0.03, 0.06, 0.4, 0.6, 1.30},
};

class Builder {
 public:
  explicit Builder(Random& random) : random_(random) {}

  Truck build() {
    cab(air_m);
    const double trailer = air_m + 3.1, length = random_.uniform(9.0, 13.2);
    chassis(trailer, length);
    container(trailer, length);
    load(trailer + 0.3, trailer + length - 0.3);
    if (random_.chance(0.4)) hide(trailer + 1, trailer + length - 1.5);
    truck_.length_m = trailer + length + air_m;
    return std::move(truck_);
  }

 private:
  void put(std::string name, Material material, Shape shape, double x0, double x1, double y0, double y1,
           double depth_m, double density) {
    truck_.solids.push_back({std::move(name), material, shape, x0, x1, y0, y1, depth_m, density});
  }

  void wheel(double x, double depth_m) {
    put("tyre", Material::organic, Shape::disc, x - 0.5, x + 0.5, 0, 1.0, depth_m, 1.1);
    put("rim", Material::steel, Shape::disc, x - 0.28, x + 0.28, 0.22, 0.78, 0.06, steel_density);
  }

  void cab(double x) {
    const double roof = random_.uniform(2.7, 3.2);
    put("cab shell", Material::steel, Shape::box, x, x + 2.3, 0.6, 1.9, 0.004, steel_density);
    put("cab pillars", Material::steel, Shape::box, x + 1.0, x + 2.3, 1.9, roof, 0.003, steel_density);
    put("windows", Material::organic, Shape::box, x, x + 1.0, 1.9, roof - 0.3, 0.012, 2.5);
    put("roof", Material::steel, Shape::box, x, x + 2.3, roof - 0.02, roof, 0.4, steel_density);
    put("engine", Material::steel, Shape::ball, x + 0.25, x + 1.5, 0.55, 1.45, 0.24, steel_density);
    put("gear box", Material::aluminium, Shape::ball, x + 1.4, x + 2.4, 0.5, 1.0, 0.45, aluminium_density);
    put("radiator", Material::aluminium, Shape::box, x + 0.08, x + 0.16, 0.7, 1.5, 0.5, 0.9);
    put("seats", Material::organic, Shape::box, x + 1.1, x + 1.8, 1.3, 2.1, 1.2, 0.06);
    put("driver", Material::organic, Shape::ball, x + 1.15, x + 1.55, 1.4, 2.35, 0.35, 1.0);
    put("fuel tank", Material::organic, Shape::tube, x + 2.0, x + 3.0, 0.45, 1.05, 0.6, 0.84);
    wheel(x + 0.9, 0.30);
    wheel(x + 2.7, 0.55);
  }

  void chassis(double x, double length) {
    put("frame", Material::steel, Shape::box, x - 1.2, x + length, 0.95, 1.15, 0.018, steel_density);
    for (const double back : {1.3, 2.6, 3.9}) wheel(x + length - back, 0.55);
  }

  void container(double x, double length) {
    const double floor = 1.2, top = floor + 2.6;
    Solid walls{"walls", Material::steel, Shape::box, x, x + length, floor, top, 0.0036, steel_density};
    walls.ripple_m = 0.28;
    truck_.solids.push_back(walls);
    put("floor", Material::organic, Shape::box, x, x + length, floor, floor + 0.03, 2.3, 0.75);
    put("cross members", Material::steel, Shape::box, x, x + length, floor - 0.04, floor, 0.06,
        steel_density);
    put("roof", Material::steel, Shape::box, x, x + length, top - 0.01, top, 2.3, steel_density);
    for (const double post : {x, x + length - 0.1})
      put("corner posts", Material::steel, Shape::box, post, post + 0.1, floor, top, 0.016, steel_density);
    put("top rail", Material::steel, Shape::box, x, x + length, top - 0.08, top, 0.01, steel_density);
  }

  void load(double x, double end) {
    const Load& load = loads[random_.below(std::size(loads))];
    truck_.goods = load.goods;
    truck_.hs_code = load.hs_code;
    const double depth = random_.uniform(load.depth_low_m, load.depth_high_m);
    for (; x + load.step_m < end; x += load.step_m) {
      if (random_.chance(0.12)) continue;
      const double height = random_.uniform(load.height_low_m, load.height_high_m),
                   width = load.step_m - 0.12;
      put("pallet", Material::organic, Shape::box, x, x + width, 1.23, 1.37, 0.9, 0.35);
      const double half = load.shape == Shape::disc ? std::min(width, height) : width;
      put(std::string(load.goods), load.material, load.shape, x, x + half, 1.37, 1.37 + height,
          std::min(inside_m, depth * random_.uniform(0.93, 1.07)),
          load.density_g_cm3 * random_.uniform(0.95, 1.05));
      if (random_.chance(0.15) && height < 1.1)
        put("second layer", Material::organic, Shape::box, x + 0.1, x + width - 0.1, 1.40 + height,
            1.85 + height, 1.0, 0.3);
    }
  }

  void hide(double x0, double x1) {
    truck_.hides = true;
    const double x = random_.uniform(x0, x1), y = random_.uniform(1.45, 2.2);
    const auto first = truck_.solids.size();
    switch (random_.below(3)) {
      case 0:
        put("organic bricks", Material::organic, Shape::box, x, x + 0.5, y, y + 0.3, 0.4, 1.1);
        break;
      case 1:
        put("steel barrels", Material::steel, Shape::tube, x, x + 0.8, y, y + 0.06, 0.06, steel_density);
        put("steel receivers", Material::steel, Shape::box, x, x + 0.22, y - 0.04, y + 0.08, 0.05,
            steel_density);
        break;
      default:
        put("lead pot", Material::lead, Shape::ball, x, x + 0.16, y, y + 0.16, 0.10, lead_density);
    }
    for (auto at = first; at < truck_.solids.size(); ++at) truck_.solids[at].hidden = true;
  }

  Random& random_;
  Truck truck_;
};

}  // namespace

Truck draw_truck(Random& random) { return Builder(random).build(); }

}  // namespace garita::sim
