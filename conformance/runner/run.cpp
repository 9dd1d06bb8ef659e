#include "conformance/runner/run.hpp"

#include <poll.h>

#include <algorithm>
#include <thread>

#include "conformance/runner/inputs.hpp"
#include "conformance/runner/scratch.hpp"
#include "core/host/grants.hpp"

namespace garita::conformance {
namespace {

constexpr uint64_t most_jobs = 4;
constexpr uint64_t least_wall_ms = 120000;
constexpr uint64_t base_memory_bytes =
    4ull << 30;  // address space: strips, codecs, libraries; and the driver's own, twice

ProcessLimits limits_of(const load::Manifest& manifest, const Options& options) {
  const uint64_t wall_ms = options.time_limit_s != 0
                               ? options.time_limit_s * 1000
                               : least_wall_ms + 4 * uint64_t{manifest.limits.max_call_ms};
  return {.wall_ms = wall_ms,
          .cpu_s = wall_ms / 1000 + 5,
          .memory_bytes = base_memory_bytes + 2 * (uint64_t{manifest.limits.memory_mb} << 20)};
}

class Jobs {
 public:
  Jobs(const Options& options, const load::Manifest& manifest, const std::filesystem::path& manifest_path,
       const std::vector<std::filesystem::path>& inputs, const std::filesystem::path& scratch,
       const std::vector<RunObserver*>& observers)
      : options_(options),
        limits_(limits_of(manifest, options)),
        manifest_path_(manifest_path),
        inputs_(inputs),
        scratch_(scratch),
        observers_(observers) {}

  Total run(const std::vector<RuleInfo>& rules) {
    const uint64_t processors = std::max(1u, std::thread::hardware_concurrency());
    const uint64_t jobs = options_.jobs != 0 ? options_.jobs : std::min(most_jobs, processors);
    for (const RuleInfo& rule : rules) {
      while (running_.size() >= jobs) take_one();
      start(rule);
    }
    while (!running_.empty()) take_one();
    return total_;
  }

 private:
  struct Job {
    RuleInfo rule;
    std::filesystem::path report;
    Running process;
  };

  void start(const RuleInfo& rule) {
    for (RunObserver* observer : observers_) observer->rule_began(rule);
    const auto report = scratch_ / (std::to_string(++started_) + ".json"),
               output = scratch_ / (std::to_string(started_) + ".txt");
    std::vector<std::string> words = {rules_program(),
                                      "--rule",
                                      rule.name,
                                      "--driver",
                                      manifest_path_.string(),
                                      "--seed",
                                      std::to_string(options_.seed),
                                      "--report",
                                      report.string()};
    for (const auto& input : inputs_) words.insert(words.end(), {"--input", input.string()});
    auto process = Running::start(words, output, limits_);
    if (process) return running_.push_back({rule, report, std::move(*process)});
    RuleResult result{.rule = rule.name, .requirements = rule.requirements};
    result.trouble = process.error();
    tell(result);
  }

  void take_one() {
    std::vector<pollfd> ends;
    for (const Job& job : running_) ends.push_back({job.process.fd(), POLLIN, 0});
    if (poll(ends.data(), ends.size(), -1) <= 0) return;
    for (size_t i = ends.size(); i-- > 0;) {
      if (ends[i].revents == 0) continue;
      const ProcessEnd end = running_[i].process.wait();
      const RuleResult result =
          judge(running_[i].rule.name, running_[i].rule.requirements, end, running_[i].report);
      running_.erase(running_.begin() + static_cast<std::ptrdiff_t>(i));
      tell(result);
    }
  }

  void tell(const RuleResult& result) {
    total_.add(result);
    for (RunObserver* observer : observers_) observer->rule_ended(result);
  }

  const Options& options_;
  const ProcessLimits limits_;
  const std::filesystem::path manifest_path_;
  const std::vector<std::filesystem::path>& inputs_;
  const std::filesystem::path scratch_;
  const std::vector<RunObserver*>& observers_;
  std::vector<Job> running_;
  size_t started_ = 0;
  Total total_;
};

Selection selection_of(const Options& options, const load::Manifest& manifest) {
  Selection own;
  own.filter = options.filter;
  own.profiles = manifest.profiles;
  if (!options.profile.empty()) own.profiles = {options.profile};
  own.level = options.smoke ? 1 : options.level != 0 ? options.level : max_level;
  return own;
}

}  // namespace

base::Result<Total> run_rules(const Terminal& terminal, const Options& options,
                              const std::vector<RunObserver*>& observers) {
  const auto folders = host::driver_search_path(options.driver_path);
  GARITA_TRY_ASSIGN(manifest, load::find_driver(options.driver, folders));
  const auto manifest_path = manifest.folder / (manifest.name + std::string(load::manifest_suffix));
  std::error_code ignored;
  if (!std::filesystem::exists(manifest.binary(), ignored))
    return base::Error{
        base::Outcome::not_loaded, "base.file_missing", {{"path", manifest.binary().string()}}};
  GARITA_TRY_ASSIGN(scratch, Scratch::make());
  GARITA_TRY_ASSIGN(all, list_rules(scratch.path()));
  const std::vector<RuleInfo> rules = select(all, Catalogue::built_in(), selection_of(options, manifest));
  if (rules.empty())
    return base::Error{base::Outcome::usage, "conform.no_rule_chosen", {{"filter", options.filter}}};
  GARITA_TRY_ASSIGN(inputs, make_inputs(terminal, manifest, manifest_path, options, scratch.path()));
  for (RunObserver* observer : observers) observer->began(manifest, rules);
  Jobs jobs(options, manifest, manifest_path, inputs, scratch.path(), observers);
  const Total total = jobs.run(rules);
  for (RunObserver* observer : observers) observer->ended(total);
  return total;
}

}  // namespace garita::conformance
