// Some rules at a time, each in a process of its own under limits.
#pragma once

#include <functional>

#include "conformance/runner/options.hpp"
#include "conformance/runner/suite.hpp"
#include "conformance/runner/verdict.hpp"
#include "core/load/manifest.hpp"

namespace garita::conformance {

// What a rule's process may take of this driver.
ProcessLimits limits_of(const load::Manifest& manifest, const Options& options);

// One round: the same inputs and the same seed for all.
struct Round {
  uint32_t number = 0;
  uint64_t seed = 1;
  std::vector<std::filesystem::path> inputs;
  std::filesystem::path recording;  // of the object, recorded; empty: there is none
};

class Jobs {
 public:
  using OnBegin = std::function<void(const RuleInfo&)>;
  using OnEnd = std::function<void(Attempt)>;

  // scratch: where reports are written.
  Jobs(const Options& options, const load::Manifest& manifest, std::filesystem::path manifest_path,
       std::filesystem::path scratch);

  // Returns when all have ended. on_end: in the order of their ends, on this thread.
  void run(const std::vector<RuleInfo>& rules, const Round& round, const OnBegin& on_begin,
           const OnEnd& on_end);

 private:
  struct Job {
    RuleInfo rule;
    std::filesystem::path report, pictures;
    Running process;
  };

  void start(const RuleInfo& rule, const Round& round, const OnEnd& on_end);
  void take_one(const Round& round, const OnEnd& on_end);

  const Options& options_;
  const ProcessLimits limits_;
  const std::filesystem::path manifest_path_, scratch_;
  std::vector<Job> running_;
  size_t started_ = 0;
};

}  // namespace garita::conformance
