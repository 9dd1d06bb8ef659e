// The rules that there are, by the program that holds them, and those that a run is about.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "conformance/requirements/requirement.hpp"
#include "core/base/digest.hpp"

namespace garita::conformance {

struct RuleInfo {
  std::string name;  // "Images.rows_come_without_gaps_or_repeats"
  std::vector<std::string> requirements;
};

// garita-conform-rules: $GARITA_CONFORM_RULES, else beside this program.
std::string rules_program();

// Asks the program. Errors: conform.no_process, conform.no_rules {program}.
base::Result<std::vector<RuleInfo>> list_rules(const std::filesystem::path& scratch);

struct Selection {
  std::string filter;                 // a glob over rule names and requirement ids; empty: all
  std::vector<std::string> profiles;  // of the driver, or the one that was asked for
  bool any_profile = false;
  int level = max_level;
};

// In the order of their requirements.
std::vector<RuleInfo> select(const std::vector<RuleInfo>& all, const Catalogue& catalogue,
                             const Selection& selection);

// Of the requirements as they were compiled in: names and texts of their files. Two kits of one digest ask the same.
base::Digest catalogue_digest();

// Requirements without a rule, and ids that rules name and no file has: empty where all is well.
std::vector<std::string> orphans(const std::vector<RuleInfo>& all, const Catalogue& catalogue);

}  // namespace garita::conformance
