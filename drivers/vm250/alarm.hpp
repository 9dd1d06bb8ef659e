// The published gamma test of the panel: (FG − BG) / √BG against N.
//
// FG is the sum of the last `intervals` counts of 200 ms of a group of detectors, BG the background of the
// same group in the same time (GB is taken as counts per second: five GS of an empty lane add up to one GB).
// Groups by the panel's own setup: all four (SUM), upper and lower (HORIZONTAL), the two pillars (VERTICAL),
// each (SINGLE); detectors that are switched off count in none.
#pragma once

#include <array>
#include <string_view>
#include <vector>

#include "drivers/vm250/wire.hpp"

namespace garita::vm250 {

using Series = std::array<std::vector<double>, panels>;

struct Judgement {
  bool judged = false;     // setup and background are known, and at least one window was full
  double peak_sigmas = 0;  // the highest of all groups and windows
  double limit_sigmas = 0;
  std::string_view group;  // where the highest was: "sum", "upper", "master", "secondary_lower", …
  bool alarm() const { return judged && peak_sigmas > limit_sigmas; }
};

// gamma: counts of 200 ms, all four equally long. background: counts per second.
Judgement judge(const Series& gamma, const Four& background, const Setup& setup);

}  // namespace garita::vm250
