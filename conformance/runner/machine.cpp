#include "conformance/runner/machine.hpp"

#include <algorithm>
#include <cstdio>
#include <map>
#include <nlohmann/json.hpp>

#include "core/base/digest.hpp"
#include "core/base/file.hpp"
#include "core/host/version.hpp"

namespace garita::conformance {
namespace {

using nlohmann::json;

json to_json(const base::Error& error, base::Language language) {
  if (error.id.empty()) return nullptr;
  json fields = json::object();
  for (const base::Field& field : error.fields) fields[field.name] = field.value;
  return {{"id", error.id}, {"fields", fields}, {"text", base::render(error, language)}};
}

void put(std::ostream& out, const json& line) {
  out << line.dump(-1, ' ', false, json::error_handler_t::replace) << std::endl;
}

std::string escaped(std::string_view text) {
  std::string own;
  for (const char c : base::printable(text, 4000)) {
    if (c == '&')
      own += "&amp;";
    else if (c == '<')
      own += "&lt;";
    else if (c == '>')
      own += "&gt;";
    else if (c == '"')
      own += "&quot;";
    else
      own += c;
  }
  return own;
}

std::string seconds(double ms) {
  char text[32];
  std::snprintf(text, sizeof text, "%.3f", ms / 1000);
  return text;
}

std::string sentence_of(const RuleResult& result, base::Language language) {
  if (!result.findings.empty()) return base::render(result.findings.front().seen, language);
  return base::render(result.trouble, language);
}

std::string case_of(const RuleResult& result, base::Language language) {
  const size_t dot = result.rule.find('.');
  std::string text = "    <testcase classname=\"" + escaped(result.rule.substr(0, dot)) + "\" name=\"" +
                     escaped(result.rule.substr(dot + 1)) + "\" time=\"" + seconds(result.ms) + "\">\n";
  const std::string type = name_of(result.verdict);
  if (is_against_driver(result.verdict))
    text +=
        "      <failure type=\"" + type + "\" message=\"" + escaped(sentence_of(result, language)) + "\"/>\n";
  if (result.verdict == Verdict::harness_error)
    text +=
        "      <error type=\"" + type + "\" message=\"" + escaped(sentence_of(result, language)) + "\"/>\n";
  if (result.verdict == Verdict::skipped)
    text += "      <skipped message=\"" +
            escaped(result.blocked_by.empty() ? result.undeclared : result.blocked_by) + "\"/>\n";
  return text + "    </testcase>\n";
}

}  // namespace

void JsonLines::began(const load::Manifest& manifest, const std::vector<RuleInfo>& rules) {
  put(out_, {{"event", "run_began"},
             {"driver", manifest.name},
             {"id", manifest.id},
             {"version", manifest.version},
             {"sha256", base::to_text(manifest.driver.sha256)},
             {"seed", options_.seed},
             {"suite", host::version},
             {"rules", rules.size()}});
}

void JsonLines::rule_began(const RuleInfo& rule) {
  put(out_, {{"event", "rule_began"}, {"rule", rule.name}, {"requirements", rule.requirements}});
}

void JsonLines::rule_ended(const RuleResult& result) {
  json findings = json::array();
  for (const Finding& each : result.findings)
    findings.push_back({{"expected", to_json(each.expected, language_)},
                        {"seen", to_json(each.seen, language_)},
                        {"input", each.input}});
  put(out_, {{"event", "rule_ended"},
             {"rule", result.rule},
             {"requirements", result.requirements},
             {"verdict", name_of(result.verdict)},
             {"ms", result.ms},
             {"findings", findings},
             {"undeclared", result.undeclared},
             {"blocked_by", result.blocked_by},
             {"trouble", to_json(result.trouble, language_)},
             {"residue", result.residue},
             {"replay", replay_command(options_, result.rule)}});
}

void JsonLines::ended(const Total& total) {
  const int code = total.exit_code();
  const char* verdict = code == 0                                     ? "PASS"
                        : code == static_cast<int>(base::Outcome::no) ? "FAIL"
                                                                      : "INCOMPLETE";
  put(out_, {{"event", "run_ended"},
             {"verdict", verdict},
             {"exit_code", code},
             {"passed", total.passed},
             {"failed", total.failed},
             {"skipped", total.skipped},
             {"harness_errors", total.harness_errors}});
}

void JUnit::began(const load::Manifest& manifest, const std::vector<RuleInfo>&) {
  driver_ = manifest.name + ' ' + manifest.version;
}

void JUnit::ended(const Total& total) {
  std::map<std::string, std::string> suites;
  std::map<std::string, size_t> counts;
  for (const RuleResult& result : results_) {
    const std::string suite = result.rule.substr(0, result.rule.find('.'));
    suites[suite] += case_of(result, language_);
    ++counts[suite];
  }
  std::string text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"" + escaped(driver_) +
                     "\" tests=\"" + std::to_string(results_.size()) + "\" failures=\"" +
                     std::to_string(total.failed) + "\" errors=\"" + std::to_string(total.harness_errors) +
                     "\" skipped=\"" + std::to_string(total.skipped) + "\">\n";
  for (const auto& [suite, cases] : suites)
    text += "  <testsuite name=\"" + escaped(suite) + "\" tests=\"" + std::to_string(counts[suite]) +
            "\">\n" + cases + "  </testsuite>\n";
  text += "</testsuites>\n";
  written_ = base::write_file(path_, base::Bytes(text));
}

}  // namespace garita::conformance
