// A run as its events tell it: what every report is made from. Events come from a bundle, from `run --out`,
// or from the run itself; conformance/runner/lines.hpp has their fields. They are outside text: what is not
// there is empty, what is too much is refused.
#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"

namespace garita::conformance {

struct ReportedFinding {
  base::Error expected, seen;
  std::string input;
};

struct ReportedRule {
  std::string rule, verdict;
  std::vector<std::string> requirements, repetitions, residue;
  double ms = 0;
  uint64_t seed = 0;
  std::vector<ReportedFinding> findings;
  std::string undeclared, blocked_by, waiver, replay;
  base::Error trouble;
  std::vector<std::string> pictures;  // names in RunReport::pictures

  bool counts() const;   // against the driver: FAIL, CRASH, HANG, LEAK, EGRESS, UNSTABLE
  bool to_tell() const;  // that, WAIVED or HARNESS_ERROR: what a reader looks for first
};

struct RunReport {
  std::string driver, id, vendor, version, sha256, suite, utc, verdict, canary, truth;
  std::vector<std::string> profiles;
  uint64_t seed = 0, repeat = 1, level = 0, reached = 0, passed = 0, failed = 0, skipped = 0, waived = 0,
           harness_errors = 0;
  std::vector<ReportedRule> rules;
  nlohmann::json observed;                                   // rules/observe.hpp; null: nobody looked
  nlohmann::json about;                                      // bundle.json; null: from lines alone
  std::map<std::string, std::string, std::less<>> pictures;  // "pictures/NAME" -> PNG
};

inline constexpr size_t max_reported_rules = 20000;

// Errors: conform.bad_lines {path, line}.
base::Result<RunReport> run_of(const std::vector<nlohmann::json>& events, const std::string& path);
base::Result<RunReport> run_of_lines(std::string_view text, const std::string& path);

}  // namespace garita::conformance
