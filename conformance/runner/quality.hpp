// `garita-conform quality FILE --object OBJECT.toml`: image quality on a scan of a test object.
#pragma once

#include <string>
#include <vector>

#include "conformance/runner/terminal.hpp"

namespace garita::conformance {

// Returns the exit code: 0 measured and within all limits, 1 a limit failed, 4 inconclusive or not measured.
int measure_quality(const Terminal& terminal, const std::vector<std::string>& arguments);

}  // namespace garita::conformance
