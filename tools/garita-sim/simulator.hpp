// A simulator: a device that isn't there. One file a simulator; main.cpp has the table of them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"
#include "core/base/text.hpp"

namespace garita::sim {

struct Simulator {
  std::string_view name;     // what is typed: "portal"
  std::string_view help_id;  // of the text catalogue: one line of what it is

  // Runs until it is done. arguments are what follows the name. Errors: rendered by main, with their exit
  // code.
  base::Result<void> (*run)(const std::vector<std::string>& arguments, base::Language language);
};

extern const Simulator fleet_simulator;
extern const Simulator portal_simulator;
extern const Simulator nuctech_simulator;
extern const Simulator leidos_simulator;
extern const Simulator astrophysics_simulator;
extern const Simulator vm250_simulator;
extern const Simulator rapiscan_simulator;

}  // namespace garita::sim
