// What a simulator can be shown, by name: the option --scene of all of them.
//
//   lorry   a lorry with a load, drawn by lot (physics/truck.hpp); from the side only
//   object  the common test object (physics/test_object.hpp), always the same
//   wedge   the steps by which a device is calibrated in millimetres of steel (step_wedge there)
//   materials  the steps by which a device learns to tell materials (material_wedge there), from the side
//   block   a block of steel of 60 mm with 50 mm of air at most before and behind it
//   bag     a bag of things, drawn by lot
#pragma once

#include <string_view>
#include <vector>

#include "core/base/result.hpp"
#include "tools/garita-sim/physics/test_object.hpp"
#include "tools/garita-sim/physics/truck.hpp"

namespace garita::sim {

// How a device sees an object or a bag; a lorry stands on the ground with 0.7 m of air at both ends.
struct Placement {
  Aspect aspect = Aspect::side;
  double air_m = 0.7;  // before and behind it
  double across_m =
      1.25;  // of its lower side above the view's zero: on a trolley in a lane; of z = 0 from below
};

bool is_scene(std::string_view name);

// length_m and solids for physics/scene.hpp, in the view's frame. What the lot decides is the same for the
// same random, whatever the placement: two views of a cabinet, with a Random of the same seed and stream
// each, see one bag. Errors: sim.unknown_scene {name}.
base::Result<Truck> scene_by_name(std::string_view name, Random& random, const Placement& placement = {});
base::Result<Truck> scene_by_name(std::string_view name, uint64_t seed, const Placement& placement = {});

// Where the test object's feature lies in a view, millimetres: along from the first line's front, across from
// column 0's outer border (the top of a side view).
struct Place {
  double along_mm, across_mm;  // of its middle
};
Place place_of(const test_object::Feature& feature, const Placement& placement, const Geometry& geometry);

std::vector<Body> draw_bag(Random& random);  // ≤ 0.55 × 0.25 × 0.35 m

}  // namespace garita::sim
