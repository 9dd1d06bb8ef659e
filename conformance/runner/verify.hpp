// `garita-conform verify`: judges again from the raw events of an evidence bundle, and says where that
// differs from what the run told.
#pragma once

#include "conformance/evidence/bundle.hpp"
#include "conformance/runner/verdict.hpp"

namespace garita::conformance {

struct Verified {
  size_t attempts = 0, rules = 0;
  Total total;                           // as judged now
  std::vector<base::Error> differences;  // evidence.differs {rule, told, found}; at most one a rule
};

// Errors: evidence.contradiction {path, what}: events that no run gives, a rule, a repetition or an input
// that is missing; evidence.other_suite {path, theirs, ours, suite}; conform.bad_waivers.
base::Result<Verified> judge_again(const Bundle& bundle, const std::string& path);

}  // namespace garita::conformance
