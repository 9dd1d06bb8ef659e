// `garita-conform selftest`: does the kit find what is wrong, and only that? Every row of
// conformance/mutants/kit.def is judged by every rule: the rules of its requirement must say its verdict, and
// no other may blame the driver.
#pragma once

#include <string>
#include <vector>

#include "conformance/runner/terminal.hpp"

namespace garita::conformance {

struct MutantRow {
  const char* id;
  const char* requirement;
  const char* verdict;  // "PASS": it is right, and nothing may be blamed
  bool right() const { return std::string_view(verdict) == "PASS"; }
};
const std::vector<MutantRow>& mutant_rows();

// [--json] [--filter GLOB] [--jobs N] [--part N]: prints what was found; with --json one object
// {"mutants","detected",
// "by_named_rule","unusual","false_alarms","mechanical","mechanical_killed","seconds","wrong":[{"row","why"}]}.
// --part N: every N-th row. The mutants are those built beside this program, or in $GARITA_KIT_MUTANTS.
// Returns the exit code: 0 where nothing was missed and nobody blamed.
int selftest(const Terminal& terminal, const std::vector<std::string>& arguments);

}  // namespace garita::conformance
