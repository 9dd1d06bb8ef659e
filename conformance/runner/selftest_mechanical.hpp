// `garita-conform selftest --mechanical N --seed S`: how many small mistakes in the shipped drivers the kit
// sees.
#pragma once

#include <string>
#include <vector>

#include "conformance/runner/terminal.hpp"

namespace garita::conformance::mechanical {

// Is this such a call? (--mechanical among the arguments.)
bool is_asked_for(const std::vector<std::string>& arguments);

// --mechanical N [--seed S] [--build FOLDER] [--journal FILE] [--filter FAMILY] [--json]. Takes hours; what
// the journal has is not done again. Returns 0 when all were judged: survivors are no failure, they are read.
int selftest(const Terminal& terminal, const std::vector<std::string>& arguments);

}  // namespace garita::conformance::mechanical
