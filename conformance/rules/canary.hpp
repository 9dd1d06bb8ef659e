// The kit's own attempt on the box: conformance/canary.
#pragma once

#include <filesystem>
#include <string>

#include "core/load/manifest.hpp"

namespace garita::conformance {

// Runs the canary as every driver under test runs. Writes {"box","policy","seen":{"id","fields"}} to
// `report`; `seen` is what became of it: isolate.breach with the address where all is well. False: the report
// could not be written.
bool run_canary(const load::Manifest& manifest, const std::filesystem::path& report);

}  // namespace garita::conformance
