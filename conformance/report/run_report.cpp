#include "conformance/report/run_report.hpp"

#include <algorithm>
#include <array>

namespace garita::conformance {
namespace {

using nlohmann::json;

base::Error bad(const std::string& path, size_t line) {
  return {base::Outcome::not_loaded, "conform.bad_lines", {{"path", path}, {"line", std::to_string(line)}}};
}

const json& at(const json& from, const char* name) {
  static const json nothing;
  return from.is_object() && from.contains(name) ? from[name] : nothing;
}

std::string text(const json& from, const char* name) {
  const json& own = at(from, name);
  return own.is_string() ? own.get<std::string>() : "";
}

uint64_t number(const json& from, const char* name) {
  const json& own = at(from, name);
  return own.is_number_unsigned() ? own.get<uint64_t>() : 0;
}

std::vector<std::string> texts(const json& from, const char* name) {
  std::vector<std::string> own;
  for (const json& each : at(from, name))
    if (each.is_string()) own.push_back(each.get<std::string>());
  return own;
}

base::Error error(const json& from, const char* name) {
  const json& given = at(from, name);
  base::Error own{base::Outcome::no, text(given, "id"), {}};
  const json& fields = at(given, "fields");
  if (fields.is_object())
    for (const auto& [field, value] : fields.items())
      if (value.is_string()) own.fields.push_back({field, value.get<std::string>()});
  return own;
}

ReportedRule rule_of(const json& line) {
  ReportedRule own;
  own.rule = text(line, "rule");
  own.verdict = text(line, "verdict");
  own.requirements = texts(line, "requirements");
  own.repetitions = texts(line, "repetitions");
  own.residue = texts(line, "residue");
  own.ms = at(line, "ms").is_number() ? at(line, "ms").get<double>() : 0;
  own.seed = number(line, "seed");
  for (const json& each : at(line, "findings"))
    own.findings.push_back({error(each, "expected"), error(each, "seen"), text(each, "input")});
  own.undeclared = text(line, "undeclared");
  own.blocked_by = text(line, "blocked_by");
  own.waiver = text(line, "waiver");
  own.replay = text(line, "replay");
  own.trouble = error(line, "trouble");
  return own;
}

void take_begin(const json& line, RunReport& run) {
  run.driver = text(line, "driver");
  run.id = text(line, "id");
  run.vendor = text(line, "vendor");
  run.version = text(line, "version");
  run.sha256 = text(line, "sha256");
  run.suite = text(line, "suite");
  run.utc = text(line, "utc");
  run.profiles = texts(line, "profiles");
  run.seed = number(line, "seed");
  run.repeat = std::max<uint64_t>(1, number(line, "repeat"));
  run.level = number(line, "level");
  run.truth = text(at(line, "truth"), "kind");
}

void take_end(const json& line, RunReport& run) {
  run.verdict = text(line, "verdict");
  run.canary = text(line, "canary");
  run.reached = number(line, "level");
  run.passed = number(line, "passed");
  run.failed = number(line, "failed");
  run.skipped = number(line, "skipped");
  run.waived = number(line, "waived");
  run.harness_errors = number(line, "harness_errors");
}

}  // namespace

bool ReportedRule::counts() const {
  static constexpr std::array<std::string_view, 6> against = {"FAIL", "CRASH",  "HANG",
                                                              "LEAK", "EGRESS", "UNSTABLE"};
  return std::find(against.begin(), against.end(), verdict) != against.end();
}

bool ReportedRule::to_tell() const { return counts() || verdict == "WAIVED" || verdict == "HARNESS_ERROR"; }

base::Result<RunReport> run_of(const std::vector<json>& events, const std::string& path) {
  RunReport run;
  std::map<std::pair<std::string, uint64_t>, std::vector<std::string>> pictures;
  if (events.empty() || text(events.front(), "event") != "run_began") return bad(path, 1);
  for (const json& line : events) {
    const std::string event = text(line, "event");
    if (event == "run_began") take_begin(line, run);
    if (event == "run_ended") take_end(line, run);
    if (event == "observed") run.observed = line;
    if (event == "attempt_ended")
      pictures[{text(line, "rule"), number(line, "seed")}] = texts(line, "pictures");
    if (event == "rule_ended") run.rules.push_back(rule_of(line));
    if (run.rules.size() > max_reported_rules) return bad(path, max_reported_rules);
  }
  for (ReportedRule& rule : run.rules) rule.pictures = pictures[{rule.rule, rule.seed}];
  if (run.verdict.empty()) run.verdict = "INCOMPLETE";  // the run itself was cut short
  return run;
}

base::Result<RunReport> run_of_lines(std::string_view lines, const std::string& path) {
  std::vector<json> events;
  for (size_t number = 1; !lines.empty(); ++number) {
    const size_t end = std::min(lines.find('\n'), lines.size());
    json line = json::parse(lines.substr(0, end), nullptr, false);
    if (!line.is_object()) return bad(path, number);
    events.push_back(std::move(line));
    lines.remove_prefix(std::min(end + 1, lines.size()));
  }
  return run_of(events, path);
}

}  // namespace garita::conformance
