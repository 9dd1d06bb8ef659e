// Gets the inputs of a run: from the command line, from conform.toml beside the manifest, or none where the
// driver needs none. Simulators run while their scans are recorded, and never longer.
#pragma once

#include <filesystem>
#include <vector>

#include "conformance/input/plan.hpp"
#include "conformance/runner/options.hpp"
#include "core/load/manifest.hpp"

namespace garita::conformance {

// Whether another seed makes other inputs: a simulator or a program that is told {seed}. Errors: of the plan.
base::Result<bool> inputs_vary(const std::filesystem::path& manifest_path, const Options& options);

// Folders below `scratch`, as conformance/input/input.hpp has them.
// Errors: of the plan and of the sources; conform.no_simulator {program}, conform.prepare_failed {program}.
base::Result<std::vector<std::filesystem::path>> make_inputs(const Terminal& terminal,
                                                             const load::Manifest& manifest,
                                                             const std::filesystem::path& manifest_path,
                                                             const Options& options,
                                                             const std::filesystem::path& scratch);

}  // namespace garita::conformance
