// The kit's own attempt on the box: where it is not stopped and told, nothing that a driver passed says
// anything about the network (conformance/canary).
#pragma once

#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "conformance/runner/process.hpp"

namespace garita::conformance {

// As the process left it; report as rules/canary.hpp has it, empty where there is none.
struct CanaryRun {
  ProcessEnd end;
  std::string report;
};

// canary.garita.json: $GARITA_CONFORM_CANARY, else below lib/garita beside the programs. Empty: there is
// none.
std::filesystem::path canary_manifest();

CanaryRun run_canary(const std::filesystem::path& scratch);

// Pure, for `verify`: what the report says.
struct CanarySeen {
  bool stopped = false;  // and the address that it tried is named
  std::string box, policy, sentence_id;
};
CanarySeen look_at_canary(const std::string& report);

}  // namespace garita::conformance
