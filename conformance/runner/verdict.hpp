// What a rule's process ended with, and what that means.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "conformance/requirements/requirement.hpp"
#include "conformance/runner/process.hpp"

namespace garita::conformance {

enum class Verdict : uint8_t { pass, fail, crash, hang, skipped, harness_error };

const char* name_of(Verdict verdict);  // "PASS", "HARNESS_ERROR"
inline bool is_against_driver(Verdict verdict) {
  return verdict == Verdict::fail || verdict == Verdict::crash || verdict == Verdict::hang;
}

struct Finding {
  base::Error expected;  // no id: the requirement's text says it
  base::Error seen;
  std::string input;
};

struct RuleResult {
  std::string rule;
  std::vector<std::string> requirements;
  Verdict verdict = Verdict::harness_error;
  double ms = 0;
  std::vector<Finding> findings;
  std::string undeclared;            // skipped: what the driver does not declare
  std::string blocked_by;            // skipped: the requirement that stands in the way
  base::Error trouble;               // harness_error, and what blocked
  std::vector<std::string> residue;  // seen behind any rule; the residue rule alone fails by it
};

// From how the process ended and the report that it left, if any.
RuleResult judge(std::string rule, std::vector<std::string> requirements, const ProcessEnd& end,
                 const std::filesystem::path& report);

// How all of it ended.
struct Total {
  size_t passed = 0, failed = 0, skipped = 0, harness_errors = 0;
  bool must_failed = false, blocked = false;

  void add(const RuleResult& result);
  size_t run() const { return passed + failed; }
  // 0: all passed; no: a MUST failed; incomplete: the harness failed, nothing was run, or something was
  // blocked by nothing.
  int exit_code() const;
};

}  // namespace garita::conformance
