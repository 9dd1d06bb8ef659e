#include "conformance/runner/run.hpp"

#include <algorithm>
#include <map>
#include <random>

#include "conformance/runner/inputs.hpp"
#include "conformance/runner/jobs.hpp"
#include "conformance/runner/scratch.hpp"
#include "conformance/runner/truth.hpp"
#include "conformance/runner/waivers.hpp"
#include "core/base/clock.hpp"
#include "core/base/file.hpp"
#include "core/host/grants.hpp"

namespace garita::conformance {
namespace {

Selection selection_of(const Options& options, const load::Manifest& manifest) {
  Selection own;
  own.filter = options.filter;
  own.profiles = profiles_of(options, manifest);
  own.level = level_of(options);
  return own;
}

base::Result<RunPlan> plan_of(const Options& options, const std::filesystem::path& scratch) {
  RunPlan plan;
  const auto folders = host::driver_search_path(options.driver_path);
  GARITA_TRY_ASSIGN(manifest, load::find_driver(options.driver, folders));
  plan.manifest_path = manifest.folder / (manifest.name + std::string(load::manifest_suffix));
  std::error_code ignored;
  if (!std::filesystem::exists(manifest.binary(), ignored))
    return base::Error{
        base::Outcome::not_loaded, "base.file_missing", {{"path", manifest.binary().string()}}};
  GARITA_TRY_ASSIGN(all, list_rules(scratch));
  plan.rules = select(all, Catalogue::built_in(), selection_of(options, manifest));
  if (plan.rules.empty())
    return base::Error{base::Outcome::usage, "conform.no_rule_chosen", {{"filter", options.filter}}};
  plan.manifest = std::move(manifest);
  plan.began_utc = base::format_utc(base::system_clock().utc_ns(), 0);
  plan.catalogue = catalogue_digest();
  GARITA_TRY_ASSIGN(truth, truth_of(options));
  plan.truth = std::move(truth);
  return plan;
}

class Run {
 public:
  Run(const Terminal& terminal, const Options& options, RunPlan plan, std::vector<Waiver> waivers,
      std::filesystem::path scratch, const std::vector<RunObserver*>& observers)
      : terminal_(terminal),
        options_(options),
        plan_(std::move(plan)),
        waivers_(std::move(waivers)),
        scratch_(std::move(scratch)),
        observers_(observers),
        jobs_(options_, plan_.manifest, plan_.manifest_path, scratch_) {}

  base::Result<Total> go() {
    Round round{.number = 0, .seed = options_.seed};
    GARITA_TRY_ASSIGN(first, inputs_of(round));  // before anything is told: most mistakes show here
    round.inputs = std::move(first);
    GARITA_TRY(record_object(round));
    tell([&](RunObserver& each) { each.began(plan_); });
    if (!round.recording.empty()) tell([&](RunObserver& each) { each.object_recorded(round.recording); });
    look_at_canary_first();
    for (; round.number < options_.repeat; ++round.number) {
      if (round.number != 0) GARITA_TRY(next_inputs(round));
      tell([&](RunObserver& each) { each.inputs_made(round.number, round.inputs); });
      if (round.number == 0) observe(round);
      run_round(round);
    }
    if (options_.repeat > 1)
      for (const RuleInfo& rule : plan_.rules) conclude(rule.name);
    total_.level = level_reached(total_, plan_.truth.kind, profiles_of(options_, plan_.manifest),
                                 options_.filter.empty() ? level_of(options_) : 0);
    tell([&](RunObserver& each) { each.ended(total_); });
    return total_;
  }

 private:
  template <typename Call>
  void tell(Call call) {
    for (RunObserver* observer : observers_) call(*observer);
  }

  base::Result<std::vector<std::filesystem::path>> inputs_of(const Round& round) {
    Options own = options_;
    own.seed = round.seed;
    return make_inputs(terminal_, plan_.manifest, plan_.manifest_path, own,
                       scratch_ / ("round-" + std::to_string(round.number)));
  }

  // Once: what was recorded of an object does not change with a seed.
  base::Result<void> record_object(Round& round) {
    if (options_.object.empty()) return {};
    Options own = options_;
    own.input = options_.object.string();
    own.sources.clear();
    GARITA_TRY_ASSIGN(folders,
                      make_inputs(terminal_, plan_.manifest, plan_.manifest_path, own, scratch_ / "object"));
    if (folders.empty())
      return base::Error{
          base::Outcome::usage, "conform.bad_plan", {{"path", own.input}, {"what", "[[input]]"}}};
    round.recording = folders.front();
    return {};
  }

  base::Result<void> next_inputs(Round& round) {
    round.seed = round_seed(options_.seed, round.number);
    GARITA_TRY_ASSIGN(vary, inputs_vary(plan_.manifest_path, options_));
    if (!vary) return {};
    GARITA_TRY_ASSIGN(inputs, inputs_of(round));
    round.inputs = std::move(inputs);
    return {};
  }

  void look_at_canary_first() {
    const CanaryRun canary = run_canary(scratch_);
    total_.canary_stopped = look_at_canary(canary.report).stopped;
    tell([&](RunObserver& each) { each.canary_ended(canary); });
  }

  // Pictures are for people: where they cannot be had, nothing is said of it.
  void observe(const Round& round) {
    if (options_.evidence.empty() || options_.redact_payload) return;
    const auto folder = scratch_ / "observed";
    if (!base::real_file_system().create_folders(folder, 0700)) return;
    std::vector<std::string> words = {rules_program(), "--observe", folder.string(), "--driver",
                                      plan_.manifest_path.string()};
    for (const auto& input : round.inputs) words.insert(words.end(), {"--input", input.string()});
    auto process = Running::start(words, scratch_ / "observed.txt", limits_of(plan_.manifest, options_));
    if (!process) return;
    const ProcessEnd end = process->wait();
    if (end.how == ProcessEnd::How::exited && end.code == 0)
      tell([&](RunObserver& each) { each.observed(folder); });
  }

  // The first round runs all; a rule that never ran the driver has nothing that another seed could change.
  void run_round(const Round& round) {
    std::vector<RuleInfo> rules;
    for (const RuleInfo& rule : plan_.rules)
      if (round.number == 0 || results_[rule.name].front().courses != 0) rules.push_back(rule);
    if (options_.repeat > 1) std::shuffle(rules.begin(), rules.end(), std::mt19937_64(round.seed));
    jobs_.run(
        rules, round,
        [&](const RuleInfo& rule) {
          if (round.number == 0) tell([&](RunObserver& each) { each.rule_began(rule); });
        },
        [&](const Attempt& attempt) {
          tell([&](RunObserver& each) { each.attempt_ended(attempt); });
          results_[attempt.rule].push_back(judge(attempt));
          if (options_.repeat == 1) conclude(attempt.rule);
        });
  }

  void conclude(const std::string& rule) {
    const load::Manifest& manifest = plan_.manifest;
    const RuleResult result = waived(combine(results_[rule]), waivers_, manifest.id, manifest.version,
                                     plan_.began_utc.substr(0, 10));
    total_.add(result);
    tell([&](RunObserver& each) { each.rule_ended(result); });
  }

  const Terminal& terminal_;
  const Options& options_;
  const RunPlan plan_;
  const std::vector<Waiver> waivers_;
  const std::filesystem::path scratch_;
  const std::vector<RunObserver*>& observers_;
  Jobs jobs_;
  std::map<std::string, std::vector<RuleResult>> results_;
  Total total_;
};

}  // namespace

int level_of(const Options& options) {
  return options.smoke ? 1 : options.level != 0 ? options.level : max_level;
}

std::vector<std::string> profiles_of(const Options& options, const load::Manifest& manifest) {
  return options.profile.empty() ? manifest.profiles : std::vector<std::string>{options.profile};
}

uint64_t round_seed(uint64_t seed, uint32_t round) {
  constexpr uint64_t odd = 0x9E3779B97F4A7C15, mix = 0xBF58476D1CE4E5B9;
  const uint64_t own = (seed ^ round * odd) * mix;
  return round == 0 ? seed : own >> 16;  // far apart: rules add small numbers of their own to a seed
}

base::Result<Total> run_rules(const Terminal& terminal, const Options& options,
                              const std::vector<RunObserver*>& observers) {
  GARITA_TRY_ASSIGN(scratch, Scratch::make());
  GARITA_TRY_ASSIGN(plan, plan_of(options, scratch.path()));
  std::vector<Waiver> waivers;
  if (!options.waivers.empty()) {
    GARITA_TRY_ASSIGN(text, base::read_text_file(options.waivers, max_waivers_bytes));
    GARITA_TRY_ASSIGN(parsed, parse_waivers(text, options.waivers.string()));
    plan.waivers = std::move(text);
    waivers = std::move(parsed);
  }
  return Run(terminal, options, std::move(plan), std::move(waivers), scratch.path(), observers).go();
}

}  // namespace garita::conformance
