#include "tools/garita-sim/simulator.hpp"

namespace garita::sim {

const Simulator portal_simulator{"portal", "sim.portal_help",
                                 [](const std::vector<std::string>&, base::Language) { return base::Result<void>(); }};

}  // namespace garita::sim
