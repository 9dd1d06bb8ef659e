// The requirements for people: the table of `garita-conform list`, and the pages RULES.md and RULES.es.md.
#pragma once

#include <string>

#include "conformance/runner/suite.hpp"
#include "core/base/text.hpp"

namespace garita::conformance {

// One line a rule's requirement: id, force, level, rule, text.
std::string requirement_table(const std::vector<RuleInfo>& rules, const Catalogue& catalogue,
                              base::Language language);
std::string requirement_json(const std::vector<RuleInfo>& rules, const Catalogue& catalogue);
std::string requirement_page(const std::vector<RuleInfo>& rules, const Catalogue& catalogue,
                             base::Language language);
std::string capability_table(const Catalogue& catalogue, base::Language language);

}  // namespace garita::conformance
