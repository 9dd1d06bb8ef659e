// The commands about a run that has been: `garita-conform verify` and `garita-conform report`.
#pragma once

#include <string>
#include <vector>

#include "conformance/runner/terminal.hpp"

namespace garita::conformance {

// Return the exit code: 0 all as told, 1 not, 2 wrong usage, 3 no such file.
int verify_bundle(const Terminal& terminal, const std::vector<std::string>& arguments);
int report_run(const Terminal& terminal, const std::vector<std::string>& arguments);

}  // namespace garita::conformance
