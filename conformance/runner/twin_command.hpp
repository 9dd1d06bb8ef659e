// `garita-conform twin --driver X.garita.json --out DIR`: a twin to begin with (conformance/twin).
#pragma once

#include <string>
#include <vector>

#include "conformance/runner/terminal.hpp"

namespace garita::conformance {

// Returns the exit code. Never writes over a folder that is not empty.
int make_twin(const Terminal& terminal, const std::vector<std::string>& arguments);

}  // namespace garita::conformance
