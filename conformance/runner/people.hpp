// A run as people follow it: a progress bar on a terminal, each failure with what was asked, what was seen,
// what to do and how to see it again, and the verdict in the last line.
#pragma once

#include "conformance/runner/run.hpp"

namespace garita::conformance {

class PeoplePrinter final : public RunObserver {
 public:
  PeoplePrinter(const Terminal& terminal, const Options& options) : terminal_(terminal), options_(options) {}

  void began(const RunPlan& plan) override;
  void canary_ended(const CanaryRun& canary) override;
  void rule_began(const RuleInfo& rule) override;
  void attempt_ended(const Attempt& attempt) override;
  void rule_ended(const RuleResult& result) override;
  void ended(const Total& total) override;

 private:
  void bar(const std::string& rule);
  void clear_bar();
  std::string coloured(Verdict verdict) const;
  void print_failure(const RuleResult& result);
  void print_skipped();

  const Terminal& terminal_;
  const Options& options_;
  std::string driver_;
  size_t count_ = 0, done_ = 0;
  std::vector<RuleResult> skipped_;
};

}  // namespace garita::conformance
