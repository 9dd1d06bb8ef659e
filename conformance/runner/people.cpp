#include "conformance/runner/people.hpp"

#include <algorithm>
#include <map>

namespace garita::conformance {
namespace {

constexpr size_t bar_width = 24;

std::string joined(const std::vector<std::string>& words) {
  std::string all;
  for (const std::string& word : words) all += (all.empty() ? "" : ", ") + word;
  return all;
}

// "PASS PASS FAIL".
std::string repetitions_of(const RuleResult& result) {
  std::string all;
  for (const Verdict each : result.repetitions) all += (all.empty() ? "" : " ") + std::string(name_of(each));
  return all;
}

}  // namespace

void PeoplePrinter::began(const RunPlan& plan) {
  driver_ = plan.manifest.name + ' ' + plan.manifest.version;
  count_ = plan.rules.size();
  terminal_.out << terminal_.text("conform.began", {{"driver", driver_},
                                                    {"rules", std::to_string(count_)},
                                                    {"seed", std::to_string(options_.seed)}})
                << std::endl;
  if (options_.repeat > 1)
    terminal_.out << terminal_.text("conform.repeated", {{"count", std::to_string(options_.repeat)}}) << std::endl;
}

void PeoplePrinter::canary_ended(const CanaryRun& canary) {
  const CanarySeen seen = look_at_canary(canary.report);
  if (!seen.stopped)
    terminal_.out << coloured(Verdict::harness_error) << ' ' << terminal_.text("conform.canary_not_stopped") << std::endl;
}

void PeoplePrinter::bar(const std::string& rule) {
  if (!terminal_.out_is_tty) return;
  const size_t all = count_ * options_.repeat;  // fewer where some rules run once
  const size_t full = all == 0 ? 0 : done_ * bar_width / all;
  terminal_.out << "\r\033[K[" << std::string(full, '#') << std::string(bar_width - full, '.') << "] "
                << done_ << '/' << all << ' ' << rule << std::flush;
}

void PeoplePrinter::clear_bar() {
  if (terminal_.out_is_tty) terminal_.out << "\r\033[K" << std::flush;
}

void PeoplePrinter::rule_began(const RuleInfo& rule) { bar(rule.name); }

std::string PeoplePrinter::coloured(Verdict verdict) const {
  if (!terminal_.colour) return name_of(verdict);
  const char* colour = verdict == Verdict::pass     ? "\033[32m"
                       : is_against_driver(verdict) ? "\033[31m"
                                                    : "\033[33m";
  return std::string(colour) + name_of(verdict) + "\033[0m";
}

void PeoplePrinter::print_failure(const RuleResult& result) {
  const base::Language language = terminal_.language;
  terminal_.out << coloured(result.verdict) << ' ' << result.rule << " (" << joined(result.requirements)
                << ")\n";
  const Requirement* requirement =
      Catalogue::built_in().find(result.requirements.empty() ? "" : result.requirements.front());
  const auto line = [&](const char* id, const std::string& text) {
    if (!text.empty()) terminal_.out << "  " << terminal_.text(id) << ' ' << text << '\n';
  };
  if (requirement) line("conform.label_requirement", requirement->text.in(language));
  for (const Finding& each : result.findings) {
    if (!each.expected.id.empty()) line("conform.label_expected", base::render(each.expected, language));
    line("conform.label_seen", base::render(each.seen, language));
    line("conform.label_input", base::printable(each.input));
  }
  if (result.verdict == Verdict::harness_error)
    line("conform.label_seen", base::render(result.trouble, language));
  if (requirement && is_against_driver(result.verdict)) {
    line("conform.label_hint", requirement->hint.in(language));
    line("conform.label_place", requirement->place);
  }
  if (result.verdict == Verdict::unstable) line("conform.label_repetitions", repetitions_of(result));
  line("conform.label_waiver", result.waiver);
  line("conform.label_replay", replay_command(options_, result.rule, result.seed));
  terminal_.out << std::flush;
}

void PeoplePrinter::attempt_ended(const Attempt& attempt) {
  ++done_;
  bar(attempt.rule);
}

void PeoplePrinter::rule_ended(const RuleResult& result) {
  clear_bar();
  if (is_against_driver(result.verdict) || result.verdict == Verdict::waived || result.verdict == Verdict::harness_error) print_failure(result);
  if (result.verdict == Verdict::skipped) skipped_.push_back(result);
  bar(result.rule);
}

// By reason: twenty rules behind one failure are one line.
void PeoplePrinter::print_skipped() {
  std::map<std::string, std::vector<std::string>> undeclared, blocked;
  for (const RuleResult& each : skipped_)
    (each.blocked_by.empty() ? undeclared[each.undeclared] : blocked[each.blocked_by])
        .push_back(each.requirements.front());
  for (const auto& [word, ids] : undeclared)
    terminal_.out << terminal_.text("conform.skipped_undeclared", {{"word", word}, {"rules", joined(ids)}})
                  << '\n';
  for (const auto& [id, ids] : blocked)
    terminal_.out << terminal_.text("conform.skipped_blocked",
                                    {{"requirement", id}, {"count", std::to_string(ids.size())}})
                  << '\n';
}

void PeoplePrinter::ended(const Total& total) {
  clear_bar();
  print_skipped();
  if (total.exit_code() == 0 && total.level > 0)
    terminal_.out << terminal_.text("conform.level_reached", {{"level", std::to_string(total.level)}}) << '\n';
  terminal_.out << terminal_.text("conform.verdict", {{"verdict", total.verdict()},
                                                      {"driver", driver_},
                                                      {"passed", std::to_string(total.passed)},
                                                      {"failed", std::to_string(total.failed)},
                                                      {"skipped", std::to_string(total.skipped)},
                                                      {"harness", std::to_string(total.harness_errors)}})
                << std::endl;
}

}  // namespace garita::conformance
