#include "conformance/runner/verdict.hpp"

#include <algorithm>
#include <csignal>
#include <nlohmann/json.hpp>

namespace garita::conformance {
namespace {

using nlohmann::json;

constexpr std::string_view residue_requirement = "GAR-RES-001";

base::Error error_of(const json& given) {
  base::Error own{base::Outcome::no, given.at("id").get<std::string>(), {}};
  for (const auto& [name, value] : given.at("fields").items())
    own.fields.push_back({name, value.get<std::string>()});
  return own;
}

// A driver that died, hung, tried to get out or left something behind shows as such, whoever found it.
Verdict failure_of(const std::vector<Finding>& findings) {
  for (const Finding& each : findings) {
    if (each.seen.id == "isolate.hung") return Verdict::hang;
    if (each.seen.id == "isolate.breach")
      return each.seen.field("class") == "NET" ? Verdict::egress : Verdict::fail;
    if (each.seen.id.starts_with("isolate.")) return Verdict::crash;
    if (each.seen.id == "conform.saw_residue") return Verdict::leak;
  }
  return Verdict::fail;
}

void read_report(const json& report, RuleResult& result) {
  const std::string outcome = report.at("outcome").get<std::string>();
  for (const json& each : report.at("findings"))
    result.findings.push_back(
        {error_of(each.at("expected")), error_of(each.at("seen")), each.at("input").get<std::string>()});
  if (const auto courses = report.find("courses"); courses != report.end())
    result.courses = static_cast<uint32_t>(courses->size());
  if (outcome == "pass") {
    result.verdict = Verdict::pass;
  } else if (outcome == "fail") {
    result.verdict = failure_of(result.findings);
  } else if (outcome == "undeclared") {
    result.verdict = Verdict::skipped;
    result.undeclared = report.at("detail").get<std::string>();
  } else if (outcome == "blocked") {
    result.verdict = Verdict::skipped;
    result.blocked_by = report.at("detail").get<std::string>();
    result.trouble = error_of(report.at("trouble"));
  } else {
    result.trouble = error_of(report.at("trouble"));
  }
}

void judge_without_report(const ProcessEnd& end, RuleResult& result) {
  using How = ProcessEnd::How;
  const bool out_of_time = end.how == How::timed_out || (end.how == How::signalled && end.code == SIGXCPU);
  if (out_of_time) {
    result.verdict = Verdict::hang;
    result.findings.push_back({{},
                               {base::Outcome::no,
                                "conform.saw_out_of_time",
                                {{"ms", std::to_string(static_cast<int64_t>(end.ms))}}},
                               ""});
    return;
  }
  result.trouble = {base::Outcome::incomplete,
                    "conform.rule_died",
                    {{"how", end.how == How::signalled ? "signal " + std::to_string(end.code)
                                                       : "exit " + std::to_string(end.code)}}};
}

}  // namespace

const char* name_of(Verdict verdict) {
  static constexpr const char* const names[] = {"PASS",   "FAIL",     "CRASH",  "HANG",    "LEAK",
                                                "EGRESS", "UNSTABLE", "WAIVED", "SKIPPED", "HARNESS_ERROR"};
  return names[static_cast<size_t>(verdict)];
}

RuleResult judge(const Attempt& attempt) {
  const ProcessEnd& end = attempt.end;
  RuleResult result;
  result.rule = attempt.rule;
  result.requirements = attempt.requirements;
  result.ms = end.ms;
  result.seed = attempt.seed;
  result.residue = end.residue;
  try {
    if (attempt.report && end.how == ProcessEnd::How::exited && end.code == 0)
      read_report(json::parse(*attempt.report), result);
    else
      judge_without_report(end, result);
  } catch (const std::exception& error) {
    result.verdict = Verdict::harness_error;
    result.trouble = {base::Outcome::incomplete, "conform.rule_died", {{"how", error.what()}}};
  }
  const bool looks_for_residue = std::find(result.requirements.begin(), result.requirements.end(),
                                           residue_requirement) != result.requirements.end();
  if (looks_for_residue && result.verdict == Verdict::pass && !end.residue.empty()) {
    result.verdict = Verdict::leak;
    for (const std::string& each : end.residue)
      result.findings.push_back({{}, {base::Outcome::no, "conform.saw_residue", {{"what", each}}}, ""});
  }
  result.repetitions = {result.verdict};
  return result;
}

RuleResult combine(std::vector<RuleResult> repetitions) {
  const auto is = [](Verdict wanted) {
    return [wanted](const RuleResult& each) { return each.verdict == wanted; };
  };
  const auto harness = std::find_if(repetitions.begin(), repetitions.end(), is(Verdict::harness_error));
  const auto other =
      std::find_if_not(repetitions.begin(), repetitions.end(), is(repetitions.front().verdict));
  const bool agree = other == repetitions.end();
  auto shown = harness != repetitions.end() ? harness : repetitions.begin();
  if (harness == repetitions.end() && !agree && shown->verdict == Verdict::pass) shown = other;
  RuleResult result = *shown;
  if (!agree && harness == repetitions.end()) result.verdict = Verdict::unstable;
  result.ms = 0;
  result.courses = 0;
  result.repetitions.clear();
  for (const RuleResult& each : repetitions) {
    result.ms += each.ms;
    result.courses += each.courses;
    result.repetitions.push_back(each.verdict);
  }
  return result;
}

void Total::add(const RuleResult& result) {
  if (result.verdict == Verdict::pass) ++passed;
  if (result.verdict == Verdict::skipped) ++skipped;
  if (result.verdict == Verdict::waived) ++waived;
  if (result.verdict == Verdict::unstable) ++unstable;
  if (result.verdict == Verdict::harness_error) ++harness_errors;
  if (!result.blocked_by.empty() && result.verdict == Verdict::skipped) blocked = true;
  if (!is_against_driver(result.verdict)) return;
  ++failed;
  for (const std::string& id : result.requirements) {
    const Requirement* requirement = Catalogue::built_in().find(id);
    must_failed = must_failed || !requirement || requirement->must;
  }
}

int Total::exit_code() const {
  if (must_failed) return static_cast<int>(base::Outcome::no);
  if (harness_errors != 0 || blocked || run() == 0 || !canary_stopped)
    return static_cast<int>(base::Outcome::incomplete);
  return 0;
}

const char* Total::verdict() const {
  const int code = exit_code();
  return code == 0 ? "PASS" : code == static_cast<int>(base::Outcome::no) ? "FAIL" : "INCOMPLETE";
}

}  // namespace garita::conformance
