#include "conformance/report/html.hpp"

#include <algorithm>
#include <cstdio>
#include <sstream>

#include "conformance/report/markup.hpp"
#include "conformance/report/page_style.hpp"
#include "conformance/report/plot.hpp"
#include "conformance/requirements/requirement.hpp"

namespace garita::conformance {
namespace {

using base::Language;
using nlohmann::json;
using Fields = std::vector<base::Field>;

std::string in_both(const std::string& en, const std::string& es) {
  if (en == es) return escaped(en);
  return "<span lang=\"en\">" + escaped(en) + "</span><span lang=\"es\">" + escaped(es) + "</span>";
}

std::string both(const char* id, const Fields& fields = {}) {
  return in_both(base::text(Language::en, id, fields), base::text(Language::es, id, fields));
}

std::string both(const base::Error& error) {
  return in_both(base::render(error, Language::en), base::render(error, Language::es));
}

std::string both(const LocalText& text) { return in_both(text.en, text.es); }

// Long names and paths break where a person would break them.
std::string breakable(const std::string& text) {
  std::string own;
  for (const char c : escaped(text)) {
    own += c;
    if (c == '_' || c == '/' || c == '.') own += "<wbr>";
  }
  return own;
}

// An option stays with its hyphens.
std::string code(const std::string& text) {
  std::istringstream words(text);
  std::string own;
  for (std::string word; std::getline(words, word, ' ');) {
    const std::string shown = breakable(word);
    own += own.empty() ? "" : " ";
    own += word.starts_with("--") ? "<span class=\"option\">" + shown + "</span>" : shown;
  }
  return "<code>" + own + "</code>";
}

std::string badge(const std::string& verdict) {
  return "<span class=\"verdict " + escaped(verdict) + "\">" + escaped(verdict) + "</span>";
}

std::string joined(const std::vector<std::string>& words, const char* between = ", ") {
  std::string all;
  for (const std::string& word : words) all += (all.empty() ? "" : between) + word;
  return all;
}

std::string fixed(double value, const char* format = "%.2f") {
  char text[32];
  std::snprintf(text, sizeof text, format, value);
  return text;
}

std::string base64(std::string_view bytes) {
  static constexpr char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  for (size_t i = 0; i < bytes.size(); i += 3) {
    uint32_t three = 0;
    for (size_t k = 0; k < 3; ++k)
      three = three << 8 | (i + k < bytes.size() ? static_cast<unsigned char>(bytes[i + k]) : 0u);
    for (size_t k = 0; k < 4; ++k) text += i + k > bytes.size() ? '=' : letters[three >> (18 - 6 * k) & 63];
  }
  return text;
}

// A fact of a list; nothing where there is none.
std::string row(const char* id, const std::string& markup) {
  return markup.empty() ? "" : "<dt>" + both(id) + "</dt><dd>" + markup + "</dd>";
}

// Events are outside text: a field of another kind counts as missing.
std::string word(const json& from, const char* name) {
  return from.is_object() && from.contains(name) && from[name].is_string() ? from[name].get<std::string>()
                                                                           : "";
}

const json& list(const json& from, const char* name) {
  static const json nothing = json::array();
  return from.is_object() && from.contains(name) && from[name].is_array() ? from[name] : nothing;
}

std::string at(const json& from, const char* group, const char* name) {
  if (!from.is_object() || !from.contains(group) || !from[group].is_object() || !from[group].contains(name))
    return "";
  const json& own = from[group][name];
  return own.is_string() ? own.get<std::string>() : own.dump(-1, ' ', false, json::error_handler_t::replace);
}

std::string head(const RunReport& run, Language language) {
  const std::string name = escaped(run.driver + ' ' + run.version);
  const auto radio = [&](const char* id, Language own) {
    return std::string("<input class=\"switch\" type=\"radio\" name=\"language\" id=\"") + id + "\"" +
           (own == language ? " checked" : "") + ">";
  };
  return std::string("<!doctype html>\n<html lang=\"") + (language == Language::es ? "es" : "en") +
         "\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" "
         "content=\"width=device-width,initial-scale=1\">\n"
         "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src data:; "
         "style-src "
         "'unsafe-inline'\">\n<link rel=\"icon\" href=\"data:,\">\n<title>" +
         escaped(run.verdict) + " · " + name + "</title>\n<style>" + page_style +
         "</style>\n</head>\n<body>\n" + radio("show-en", Language::en) + radio("show-es", Language::es) +
         "<div class=\"bar\"><label for=\"show-en\" lang=\"en\">English</label><label for=\"show-es\" "
         "lang=\"es\">Español</label></div>\n<main>\n";
}

std::string counts(const RunReport& run) {
  std::string text = "<ul class=\"counts\">";
  const auto count = [&](const char* id, uint64_t value) {
    text += "<li><b>" + std::to_string(value) + "</b>" + both(id) + "</li>";
  };
  count("report.passed", run.passed);
  count("report.failed", run.failed);
  count("report.skipped", run.skipped);
  if (run.waived != 0) count("report.waived", run.waived);
  count("report.harness_errors", run.harness_errors);
  return text + "</ul>\n";
}

std::string title(const RunReport& run) {
  return "<header><p class=\"soft\">" + both("report.title") + "</p><h1>" +
         escaped(run.driver + ' ' + run.version) + " " + badge(run.verdict) + "</h1><p>" +
         both(("report.verdict_" + run.verdict).c_str()) + "</p></header>\n" + counts(run);
}

// Where the truth about images came from, in the reader's language.
std::string truth(const std::string& kind) {
  for (const char* known : {"none", "twin", "object"})
    if (kind == known) return both((std::string("report.truth_") + known).c_str());
  return kind == "twin and object" ? both("report.truth_both") : escaped(kind);
}

std::string facts(const RunReport& run) {
  const json& about = run.about;
  std::string text = "<h2>" + both("report.facts") + "</h2><dl class=\"facts\">";
  text += row("report.id", escaped(run.id)) + row("report.vendor", escaped(run.vendor));
  text += row("report.digest", code(run.sha256));
  text += row("report.when", escaped(run.utc));
  text += row("report.level", std::to_string(run.level));
  text += row("report.reached", run.reached == 0 ? "" : std::to_string(run.reached));
  text += row("report.truth", truth(run.truth));
  text += row("report.profiles", escaped(joined(run.profiles)));
  text += row("report.seed", std::to_string(run.seed));
  text += row("report.repeat", std::to_string(run.repeat));
  text += row("report.suite", escaped(run.suite + ' ' + at(about, "suite", "commit").substr(0, 12)));
  text += row("report.canary", run.canary.empty() ? ""
                                                  : both(run.canary == "stopped" ? "report.canary_stopped"
                                                                                 : "report.canary_not"));
  text += row("report.env_box", escaped(at(about, "environment", "box")));
  const std::string policy = at(about, "environment", "policy_sha256");
  text += row("report.env_policy_sha256", policy.empty() ? "" : code(policy));
  for (const char* name : {"kernel", "cpu", "glibc"})
    text += row((std::string("report.env_") + name).c_str(), escaped(at(about, "environment", name)));
  return text + "</dl>\n";
}

std::string image(const RunReport& run, const std::string& name, const std::string& caption,
                  const std::string& alt) {
  const auto found = run.pictures.find("pictures/" + name);
  if (name.empty() || found == run.pictures.end()) return "";
  return "<figure><figcaption>" + caption + "</figcaption><img alt=\"" + escaped(alt) +
         "\" src=\"data:image/png;base64," + base64(found->second) + "\"></figure>\n";
}

std::string failure(const RunReport& run, const ReportedRule& rule) {
  const Requirement* requirement =
      Catalogue::built_in().find(rule.requirements.empty() ? "" : rule.requirements.front());
  std::string text = std::string("<article") + (rule.counts() ? "" : " class=\"other\"") + "><h3>" +
                     badge(rule.verdict) + ' ' + escaped(joined(rule.requirements)) + " · " +
                     breakable(rule.rule) + "</h3>";
  if (requirement) text += "<p><b>" + both(requirement->text) + "</b></p>";
  text += "<dl>";
  for (const ReportedFinding& each : rule.findings) {
    if (!each.expected.id.empty()) text += row("report.expected", both(each.expected));
    text += row("report.seen", both(each.seen)) + row("report.input", escaped(each.input));
  }
  if (rule.verdict == "HARNESS_ERROR") text += row("report.seen", both(rule.trouble));
  if (rule.repetitions.size() > 1) text += row("report.repetitions", escaped(joined(rule.repetitions, " ")));
  text += row("report.waiver", escaped(rule.waiver));
  if (requirement && rule.counts())
    text += row("report.hint", both(requirement->hint)) +
            row("report.place", requirement->place.empty() ? "" : code(requirement->place));
  text += row("report.replay", rule.replay.empty() ? "" : code(rule.replay)) + "</dl>";
  for (const std::string& name : rule.pictures)
    text += image(run, name, both("report.picture_of", {{"rule", rule.rule}}), name);
  return text + "</article>\n";
}

std::string failures(const RunReport& run) {
  std::string text;
  for (const ReportedRule& rule : run.rules)
    if (rule.to_tell()) text += failure(run, rule);
  return text.empty() ? "" : "<h2>" + both("report.failures") + "</h2>\n" + text;
}

Series series_of(const json& pairs, double x_scale) {
  Series own;
  double last = -1;
  for (const json& each : pairs) {
    if (!each.is_array() || each.size() != 2 || !each[0].is_number() || !each[1].is_number()) continue;
    const double x = each[0].get<double>() * x_scale;
    if (x < last) continue;
    own.points.emplace_back(last = x, each[1].get<double>());
  }
  return own;
}

std::string figure(const std::string& caption, const std::string& picture) {
  return picture.empty() ? "" : "<figure><figcaption>" + caption + "</figcaption>" + picture + "</figure>\n";
}

std::string scan_pictures(const RunReport& run, const json& scan) {
  std::string text;
  for (const json& view : list(scan, "views")) {
    if (!view.is_object()) continue;
    const std::string name = word(view, "name"), key = word(scan, "key");
    const Fields fields = {{"view", name}, {"key", key}};
    const std::string pictures =
        image(run, word(view, "delivered"), both("report.delivered", fields), name + " " + key) +
        image(run, word(view, "normalized"), both("report.normalized", fields), name + " " + key);
    if (!pictures.empty()) text += "<div class=\"pair\">" + pictures + "</div>\n";
  }
  return text;
}

std::string observations(const RunReport& run) {
  std::string text;
  constexpr double seconds = 0.001;
  for (const json& input : list(run.observed, "inputs")) {
    if (!input.is_object()) continue;
    const std::string name = word(input, "title");
    std::string own =
        figure(both("report.latency", {{"input", name}}),
               plot(series_of(list(input, "latency"), seconds), {"s", "ms", "latency " + name}));
    own += figure(both("report.memory", {{"input", name}}),
                  plot(series_of(list(input, "memory"), seconds), {"s", "MiB", "memory " + name}));
    std::string pictures;
    for (const json& scan : list(input, "scans"))
      if (scan.is_object()) pictures += scan_pictures(run, scan);
    if (own.empty() && pictures.empty()) continue;
    text += "<h3>" + escaped(name) + "</h3>\n" + pictures + "<div class=\"pair\">" + own + "</div>\n";
  }
  return text.empty() ? "" : "<h2>" + both("report.scans") + "</h2>\n" + text;
}

std::string why_skipped(const ReportedRule& rule) {
  if (rule.verdict != "SKIPPED") return "";
  std::string why;
  if (rule.blocked_by.empty())
    why = both("report.not_declared", {{"word", rule.undeclared}});
  else
    why = both("report.behind", {{"requirement", rule.blocked_by}});
  return "<br><span class=\"soft\">" + why + "</span>";
}

std::string table(const RunReport& run) {
  std::string text = "<h2>" + both("report.all") + "</h2>\n<details open><summary>" +
                     both("report.all_rules", {{"count", std::to_string(run.rules.size())}}) +
                     "</summary><table><thead><tr><th>" + both("report.column_verdict") + "</th><th>" +
                     both("report.column_requirement") + "</th><th>" + both("report.column_time") +
                     "</th></tr></thead><tbody>\n";
  for (const ReportedRule& rule : run.rules) {
    const Requirement* requirement =
        Catalogue::built_in().find(rule.requirements.empty() ? "" : rule.requirements.front());
    text += "<tr><td>" + badge(rule.verdict) + "</td><td><b>" + escaped(joined(rule.requirements)) + "</b> " +
            (requirement ? both(requirement->text) : "") + "<br><span class=\"soft\">" +
            breakable(rule.rule) + "</span>" + why_skipped(rule) + "</td><td class=\"number\">" +
            fixed(rule.ms / 1000) + " s</td></tr>\n";
  }
  return text + "</tbody></table></details>\n";
}

}  // namespace

std::string html(const RunReport& run, Language language) {
  return head(run, language) + title(run) + failures(run) + observations(run) + facts(run) + table(run) +
         "<p class=\"soft\">" + both("report.necessary") + "</p>\n</main>\n</body>\n</html>\n";
}

}  // namespace garita::conformance
