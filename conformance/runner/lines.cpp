#include "conformance/runner/lines.hpp"

#include "core/base/digest.hpp"
#include "core/base/text.hpp"
#include "core/host/version.hpp"

namespace garita::conformance {
namespace {

using nlohmann::json;

json told(const base::Error& error, base::Language language) {
  if (error.id.empty()) return nullptr;
  json fields = json::object();
  for (const base::Field& field : error.fields) fields[field.name] = field.value;
  return {{"id", error.id}, {"fields", fields}, {"text", base::render(error, language)}};
}

}  // namespace

json began_line(const RunPlan& plan, const Options& options) {
  const load::Manifest& manifest = plan.manifest;
  return {
      {"event", "run_began"},
      {"driver", manifest.name},
      {"id", manifest.id},
      {"vendor", manifest.vendor},
      {"version", manifest.version},
      {"sha256", base::to_text(manifest.driver.sha256)},
      {"seed", options.seed},
      {"suite", host::version},
      {"rules", plan.rules.size()},
      {"utc", plan.began_utc},
      {"level", options.smoke        ? 1
                : options.level != 0 ? options.level
                                     : max_level},
      {"profiles", profiles_of(options, manifest)},
      {"filter", options.filter},
      {"repeat", options.repeat},
      {"official", options.official},
      {"catalogue", base::to_text(plan.catalogue)},
          {"truth", to_json(plan.truth)}};
}

json rule_began_line(const RuleInfo& rule) {
  return {{"event", "rule_began"}, {"rule", rule.name}, {"requirements", rule.requirements}};
}

json rule_ended_line(const RuleResult& result, base::Language language, const std::string& replay) {
  json findings = json::array(), repetitions = json::array();
  for (const Finding& each : result.findings)
    findings.push_back({{"expected", told(each.expected, language)},
                        {"seen", told(each.seen, language)},
                        {"input", each.input}});
  for (const Verdict each : result.repetitions) repetitions.push_back(name_of(each));
  return {{"event", "rule_ended"},
          {"rule", result.rule},
          {"requirements", result.requirements},
          {"verdict", name_of(result.verdict)},
          {"ms", result.ms},
          {"seed", result.seed},
          {"findings", findings},
          {"undeclared", result.undeclared},
          {"blocked_by", result.blocked_by},
          {"trouble", told(result.trouble, language)},
          {"residue", result.residue},
          {"repetitions", repetitions},
          {"waiver", result.waiver},
          {"replay", replay}};
}

json ended_line(const Total& total) {
  return {{"event", "run_ended"},
          {"verdict", total.verdict()},
          {"exit_code", total.exit_code()},
          {"passed", total.passed},
          {"failed", total.failed},
          {"skipped", total.skipped},
          {"waived", total.waived},
          {"unstable", total.unstable},
          {"harness_errors", total.harness_errors},
          {"canary", total.canary_stopped ? "stopped" : "not stopped"},
          {"level", total.level}};
}

json canary_line(const CanaryRun& canary) {
  return {{"event", "canary_ended"}, {"end", to_json(canary.end)}, {"report", canary.report}};
}

json attempt_line(const Attempt& attempt) {
  json own = to_json(attempt);
  own["event"] = "attempt_ended";
  return own;
}

}  // namespace garita::conformance
