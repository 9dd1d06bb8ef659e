#include "drivers/vm250/alarm.hpp"

#include <cmath>

namespace garita::vm250 {
namespace {

struct Group {
  std::string_view name;
  std::array<bool, panels> members;
  bool Setup::*enabled;
};
constexpr Group groups[] = {{"sum", {true, true, true, true}, &Setup::sum},
                            {"upper", {true, false, false, true}, &Setup::horizontal},
                            {"lower", {false, true, true, false}, &Setup::horizontal},
                            {"master", {true, true, false, false}, &Setup::vertical},
                            {"secondary", {false, false, true, true}, &Setup::vertical},
                            {"master_upper", {true, false, false, false}, &Setup::single},
                            {"master_lower", {false, true, false, false}, &Setup::single},
                            {"secondary_lower", {false, false, true, false}, &Setup::single},
                            {"secondary_upper", {false, false, false, true}, &Setup::single}};

double sum_of(const Group& group, const Setup& setup, auto value_of) {
  double sum = 0;
  for (size_t panel = 0; panel < panels; ++panel)
    if (group.members[panel] && setup.detectors[panel]) sum += value_of(panel);
  return sum;
}

}  // namespace

Judgement judge(const Series& gamma, const Four& background, const Setup& setup) {
  Judgement best{false, 0, setup.sigmas, {}};
  const size_t window = setup.intervals;
  if (!setup.known() || gamma[0].size() < window) return best;
  const double share = static_cast<double>(window) * static_cast<double>(gamma_interval_ns) / 1e9;
  for (const Group& group : groups) {
    if (!(setup.*group.enabled)) continue;
    const double expected =
        share * sum_of(group, setup, [&](size_t panel) { return static_cast<double>(background[panel]); });
    if (expected <= 0) continue;
    double counted = 0;
    for (size_t i = 0; i < gamma[0].size(); ++i) {
      counted += sum_of(group, setup, [&](size_t panel) { return gamma[panel][i]; });
      if (i >= window)
        counted -= sum_of(group, setup, [&](size_t panel) { return gamma[panel][i - window]; });
      if (i + 1 < window) continue;
      const double sigmas = (counted - expected) / std::sqrt(expected);
      if (!best.judged || sigmas > best.peak_sigmas) best = {true, sigmas, setup.sigmas, group.name};
    }
  }
  return best;
}

}  // namespace garita::vm250
