// `garita-conform run`: every chosen rule in a process of its own, some at a time, told as it happens.
#pragma once

#include "conformance/runner/options.hpp"
#include "conformance/runner/suite.hpp"
#include "conformance/runner/verdict.hpp"
#include "core/load/manifest.hpp"

namespace garita::conformance {

// Sees a run. Calls in the order of events, on one thread.
class RunObserver {
 public:
  virtual ~RunObserver() = default;
  virtual void began(const load::Manifest& manifest, const std::vector<RuleInfo>& rules) = 0;
  virtual void rule_began(const RuleInfo& rule) = 0;
  virtual void rule_ended(const RuleResult& result) = 0;
  virtual void ended(const Total& total) = 0;
};

// All of it: driver found, inputs made, rules run. Errors are what stands in the way before the first rule.
base::Result<Total> run_rules(const Terminal& terminal, const Options& options,
                              const std::vector<RunObserver*>& observers);

}  // namespace garita::conformance
