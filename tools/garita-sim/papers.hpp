// Plates, container numbers and customs papers, drawn by lot; well-formed, with right check digits.
#pragma once

#include <string>

#include "tools/garita-sim/physics/random.hpp"
#include "tools/garita-sim/physics/truck.hpp"
#include "tools/garita-sim/portal_source.hpp"

namespace garita::sim {

// ISO 6346, of owner SIMU.
std::string draw_container_number(Random& random);

Facts draw_papers(Random& random, const Truck& truck);

}  // namespace garita::sim
