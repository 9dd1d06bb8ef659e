// What a rule's process ended with, and what that means. Every function here is pure: from raw attempts (and
// waivers) alone, so that `garita-conform verify` comes to the same verdicts as the run.
#pragma once

#include <string>
#include <vector>

#include "conformance/requirements/requirement.hpp"
#include "conformance/runner/attempt.hpp"

namespace garita::conformance {

// egress: it tried to send something out of its box. leak: it left something behind.
// waived: it fails, and somebody who may has said in writing that it may, for a time.
// unstable: repetitions did not agree.
enum class Verdict : uint8_t {
  pass,
  fail,
  crash,
  hang,
  leak,
  egress,
  unstable,
  waived,
  skipped,
  harness_error
};

const char* name_of(Verdict verdict);  // "PASS", "HARNESS_ERROR"
inline bool is_against_driver(Verdict verdict) {
  return verdict >= Verdict::fail && verdict <= Verdict::unstable;
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
  double ms = 0;      // of all repetitions together
  uint64_t seed = 1;  // of the repetition that is shown: the first that did not pass, else the first
  std::vector<Finding> findings;
  std::string undeclared;            // skipped: what the driver does not declare
  std::string blocked_by;            // skipped: the requirement that stands in the way
  base::Error trouble;               // harness_error, and what blocked
  std::vector<std::string> residue;  // seen behind any rule; the residue rule alone fails by it
  uint32_t courses = 0;              // how often the driver was run; 0: repetition can change nothing
  std::vector<Verdict> repetitions;  // one a repetition
  std::string waiver;                // who waived it and why
};

// From how the process ended and the report that it left, if any.
RuleResult judge(const Attempt& attempt);

// The repetitions of one rule, at least one: their verdict where they agree, else UNSTABLE. One that the
// harness could not run makes it HARNESS_ERROR: that never counts against the driver.
RuleResult combine(std::vector<RuleResult> repetitions);

// How all of it ended.
struct Total {
  size_t passed = 0, failed = 0, skipped = 0, waived = 0, unstable = 0, harness_errors = 0;
  bool must_failed = false, blocked = false;
  bool canary_stopped = true;  // else the box proves nothing: incomplete
  int level = 0;               // reached (truth.hpp); 0: none

  void add(const RuleResult& result);
  size_t run() const { return passed + failed + waived; }
  // 0: all passed; no: a MUST failed; incomplete: the harness failed, nothing was run, or something was
  // blocked by nothing.
  int exit_code() const;
  const char* verdict() const;  // "PASS", "FAIL", "INCOMPLETE"
};

}  // namespace garita::conformance
