// What the simulated radiation portal counts: background, vehicles that shield it, and now and then a source.
//
// Poisson counts around means that no driver knows; the panel decides on its own alarms from what it has
// sent.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "drivers/vm250/wire.hpp"
#include "tools/garita-sim/physics/random.hpp"

namespace garita::sim {

enum class Cargo { lorry, object };  // object: a check source, so that both alarms ring

// One line and when it is said, from the passage's start.
struct PanelLine {
  uint32_t at_ms = 0;
  vm250::Message message;
};

struct PanelPassage {
  uint32_t number = 0;  // of the occupancy
  std::vector<PanelLine> background, occupied;
  uint32_t length_ms = 0;
  uint32_t intervals = 0;
  uint64_t gamma_sum = 0, neutron_sum = 0;
  bool gamma_alarm = false, neutron_alarm = false;
  double s_per_ft = 0;
};

class Panel {
 public:
  Panel(uint64_t seed, Cargo cargo);

  std::vector<vm250::SetupLine> setup() const;

  // The same number gives the same passage.
  PanelPassage passage(uint32_t number) const;

 private:
  struct Vehicle;
  vm250::Four count(const std::array<double, vm250::panels>& means, Random& random) const;

  uint64_t seed_;
  Cargo cargo_;
  std::array<double, vm250::panels> gamma_cps_, neutron_cps_;
};

}  // namespace garita::sim
