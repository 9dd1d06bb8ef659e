#include "conformance/report/junit.hpp"

#include <cstdio>

#include "conformance/report/markup.hpp"
#include "conformance/requirements/requirement.hpp"
#include "core/base/file.hpp"

namespace garita::conformance {
namespace {

std::string seconds(double ms) {
  char text[32];
  std::snprintf(text, sizeof text, "%.3f", ms / 1000);
  return text;
}

std::string sentence_of(const ReportedRule& rule, base::Language language) {
  if (!rule.findings.empty()) return base::render(rule.findings.front().seen, language);
  return base::render(rule.trouble, language);
}

// All that the run tells of a failure, a line each.
std::string body_of(const ReportedRule& rule, base::Language language) {
  std::string text;
  const auto line = [&](const char* id, const std::string& what) {
    if (!what.empty()) text += '\n' + escaped(base::text(language, id) + ' ' + what);
  };
  const Requirement* requirement =
      Catalogue::built_in().find(rule.requirements.empty() ? "" : rule.requirements.front());
  if (requirement) line("conform.label_requirement", requirement->id + ": " + requirement->text.in(language));
  for (const ReportedFinding& each : rule.findings) {
    if (!each.expected.id.empty()) line("conform.label_expected", base::render(each.expected, language));
    line("conform.label_seen", base::render(each.seen, language));
    line("conform.label_input", each.input);
  }
  if (requirement) line("conform.label_hint", requirement->hint.in(language));
  line("conform.label_replay", rule.replay);
  return text + '\n';
}

std::string attachments_of(const ReportedRule& rule, const std::filesystem::path& folder) {
  std::string text;
  if (!folder.empty())
    for (const std::string& name : rule.pictures)
      text += "[[ATTACHMENT|" + escaped((folder / name).string()) + "]]\n";
  return text.empty() ? "" : "      <system-out>" + text + "</system-out>\n";
}

std::string case_of(const ReportedRule& rule, base::Language language, const std::filesystem::path& folder) {
  const size_t dot = rule.rule.find('.');
  std::string text = "    <testcase classname=\"" + escaped(rule.rule.substr(0, dot)) + "\" name=\"" +
                     escaped(dot == std::string::npos ? rule.rule : rule.rule.substr(dot + 1)) +
                     "\" time=\"" + seconds(rule.ms) + "\">\n";
  const auto element = [&](const char* name) {
    text += std::string("      <") + name + " type=\"" + escaped(rule.verdict) + "\" message=\"" +
            escaped(sentence_of(rule, language)) + "\">" + body_of(rule, language) + "</" + name + ">\n";
  };
  if (rule.counts()) element("failure");
  if (rule.verdict == "HARNESS_ERROR") element("error");
  if (rule.verdict == "SKIPPED")
    text += "      <skipped message=\"" +
            escaped(rule.blocked_by.empty() ? rule.undeclared : rule.blocked_by) + "\"/>\n";
  if (rule.verdict == "WAIVED") text += "      <skipped message=\"WAIVED: " + escaped(rule.waiver) + "\"/>\n";
  return text + attachments_of(rule, folder) + "    </testcase>\n";
}

struct Suite {
  std::string cases;
  size_t tests = 0, failures = 0, errors = 0, skipped = 0;

  std::string counts() const {
    return " tests=\"" + std::to_string(tests) + "\" failures=\"" + std::to_string(failures) +
           "\" errors=\"" + std::to_string(errors) + "\" skipped=\"" + std::to_string(skipped) + "\"";
  }
  void count(const ReportedRule& rule) {
    ++tests;
    failures += rule.counts();
    errors += rule.verdict == "HARNESS_ERROR";
    skipped += rule.verdict == "SKIPPED" || rule.verdict == "WAIVED";
  }
};

}  // namespace

std::string junit(const RunReport& run, base::Language language, const std::filesystem::path& folder) {
  std::map<std::string, Suite> suites;
  Suite all;
  for (const ReportedRule& rule : run.rules) {
    Suite& suite = suites[rule.rule.substr(0, rule.rule.find('.'))];
    suite.cases += case_of(rule, language, folder);
    suite.count(rule);
    all.count(rule);
  }
  std::string text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"" +
                     escaped(run.driver + ' ' + run.version) + "\"" + all.counts() + ">\n";
  for (const auto& [name, suite] : suites)
    text += "  <testsuite name=\"" + escaped(name) + "\"" + suite.counts() + ">\n" + suite.cases +
            "  </testsuite>\n";
  return text + "</testsuites>\n";
}

base::Result<void> write_junit(const RunReport& run, base::Language language,
                               const std::filesystem::path& path) {
  const auto folder = std::filesystem::path(path.string() + ".files");
  bool any = false;
  for (const ReportedRule& rule : run.rules)
    for (const std::string& name : rule.pictures) {
      const auto picture = run.pictures.find("pictures/" + name);
      if (!rule.to_tell() || picture == run.pictures.end()) continue;
      if (!any) GARITA_TRY(base::real_file_system().create_folders(folder, 0755));
      any = true;
      GARITA_TRY(base::write_file(folder / name, picture->second));
    }
  return base::write_file(path, junit(run, language, any ? folder : std::filesystem::path()));
}

}  // namespace garita::conformance
