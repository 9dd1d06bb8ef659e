// `garita-conform run`: every chosen rule in a process of its own, some at a time, told as it happens; and
// again with other seeds where repetition is asked for.
#pragma once

#include "conformance/runner/canary.hpp"
#include "conformance/runner/options.hpp"
#include "conformance/runner/suite.hpp"
#include "conformance/runner/truth.hpp"
#include "conformance/runner/verdict.hpp"
#include "core/load/manifest.hpp"

namespace garita::conformance {

// What a run is about, known before its first rule.
struct RunPlan {
  load::Manifest manifest;
  std::filesystem::path manifest_path;
  std::vector<RuleInfo> rules;
  std::string began_utc;  // "2026-03-01T12:34:56Z"
  std::string waivers;    // the file's text; empty: none
  base::Digest catalogue{};
  TruthSource truth;
};

// What the run is about: what was asked for, else all.
int level_of(const Options& options);
std::vector<std::string> profiles_of(const Options& options, const load::Manifest& manifest);

// Sees a run. Calls in the order of events, on one thread. Only `rule_*` and `ended` tell verdicts; the
// others are raw.
class RunObserver {
 public:
  virtual ~RunObserver() = default;
  virtual void began(const RunPlan& plan) = 0;
  virtual void canary_ended(const CanaryRun& /*canary*/) {}
  // Folders of conformance/input. They live until `ended` has returned.
  virtual void inputs_made(uint32_t /*round*/, const std::vector<std::filesystem::path>& /*folders*/) {}
  virtual void object_recorded(const std::filesystem::path& /*folder*/) {}  // the same, of --object
  virtual void observed(const std::filesystem::path& /*folder*/) {}  // rules/observe.hpp; only where wanted
  virtual void rule_began(const RuleInfo& rule) = 0;
  virtual void attempt_ended(const Attempt& /*attempt*/) {}
  virtual void rule_ended(const RuleResult& result) = 0;
  virtual void ended(const Total& total) = 0;
};

// The seed of a round; the first is `seed` itself.
uint64_t round_seed(uint64_t seed, uint32_t round);

// All of it: driver found, canary, inputs made, rules run. Errors are what stands in the way before the first
// rule.
base::Result<Total> run_rules(const Terminal& terminal, const Options& options,
                              const std::vector<RunObserver*>& observers);

}  // namespace garita::conformance
