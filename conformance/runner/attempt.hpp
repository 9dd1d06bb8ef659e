// One run of one rule in its process, as it was seen from outside: all that a verdict is made of, and nothing
// that a verdict says. Kept as it is in the evidence bundle, so that anybody can judge again.
//
//   {"rule","requirements":[…],"round","seed","end":{"how","code","ms","residue":[…]},"report":"…" | null,
//    "pictures":["NAME.png",…]}
//
// `report` is what the rule's process wrote, as text, not read and written again.
#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "conformance/runner/process.hpp"

namespace garita::conformance {

inline constexpr uint64_t max_report_bytes = 16u << 20;

struct Attempt {
  std::string rule;
  std::vector<std::string> requirements;
  uint32_t round = 0;  // 0 … --repeat − 1
  uint64_t seed = 1;
  ProcessEnd end;
  std::optional<std::string> report;  // nothing: the process left none
  std::vector<std::filesystem::path>
      pictures;  // that the rule left; only their names are told, and only if there are any
};

nlohmann::json to_json(const ProcessEnd& end);
nlohmann::json to_json(const Attempt& attempt);
// nullopt: it has not the form that to_json gives.
std::optional<Attempt> attempt_of(const nlohmann::json& given);

}  // namespace garita::conformance
