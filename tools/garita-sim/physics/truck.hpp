// A lorry with a load, drawn by lot from a seed.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tools/garita-sim/physics/random.hpp"
#include "tools/garita-sim/physics/scene.hpp"

namespace garita::sim {

struct Truck {
  double length_m = 0;  // with the air before and behind it
  std::vector<Solid> solids;
  std::string goods, hs_code;  // what the papers say
  bool hides = false;          // something is in it that the papers do not have
};

Truck draw_truck(Random& random);

}  // namespace garita::sim
