#include "conformance/runner/catalogue_page.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace garita::conformance {
namespace {

std::string rules_of(const std::vector<RuleInfo>& rules, const std::string& id) {
  std::string names;
  for (const RuleInfo& rule : rules)
    if (std::find(rule.requirements.begin(), rule.requirements.end(), id) != rule.requirements.end())
      names += (names.empty() ? "" : ", ") + rule.name;
  return names;
}

std::string padded(std::string text, size_t width) {
  text.resize(std::max(width, text.size()), ' ');
  return text;
}

std::string joined(const std::vector<std::string>& words) {
  std::string all;
  for (const std::string& word : words) all += (all.empty() ? "" : ", ") + word;
  return all;
}

std::string label(base::Language language, const char* id) {
  return base::text(language, std::string("conform.page_") + id);
}

}  // namespace

std::string requirement_table(const std::vector<RuleInfo>& rules, const Catalogue& catalogue,
                              base::Language language) {
  std::string text;
  for (const Requirement& each : catalogue.requirements()) {
    const std::string names = rules_of(rules, each.id);
    if (names.empty()) continue;
    text += padded(each.id, 12) + padded(each.must ? "MUST" : "SHOULD", 8) + std::to_string(each.level) +
            "  " + each.text.in(language) + "\n" + std::string(23, ' ') + names + "\n";
  }
  return text;
}

std::string requirement_json(const std::vector<RuleInfo>& rules, const Catalogue& catalogue) {
  nlohmann::json list = nlohmann::json::array();
  for (const Requirement& each : catalogue.requirements()) {
    const std::string names = rules_of(rules, each.id);
    if (names.empty()) continue;
    list.push_back({{"id", each.id},
                    {"force", each.must ? "MUST" : "SHOULD"},
                    {"level", each.level},
                    {"since", each.since},
                    {"profiles", each.profiles},
                    {"verified_by", each.verified_by},
                    {"place", each.place},
                    {"rule", names},
                    {"text", {{"en", each.text.en}, {"es", each.text.es}}},
                    {"why", {{"en", each.why.en}, {"es", each.why.es}}},
                    {"hint", {{"en", each.hint.en}, {"es", each.hint.es}}}});
  }
  return list.dump(2) + "\n";
}

std::string requirement_page(const std::vector<RuleInfo>& rules, const Catalogue& catalogue,
                             base::Language language) {
  std::string text = "# " + label(language, "title") + "\n\n" + label(language, "intro") + "\n";
  for (const Requirement& each : catalogue.requirements()) {
    const auto item = [&](const char* name, const std::string& value) {
      text += "- " + label(language, name) + " " + value + "\n";
    };
    text += "\n## " + each.id + "\n" + each.text.in(language) + "\n\n";
    item("why", each.why.in(language));
    item("hint", each.hint.in(language));
    item("facts", std::string(each.must ? "MUST" : "SHOULD") + ", " + label(language, "level") + " " +
                      std::to_string(each.level) + ", " + label(language, "since") + " " + each.since + ", " +
                      label(language, "profiles") + " " + joined(each.profiles) + ", " +
                      label(language, "verified_by") + " " + each.verified_by);
    item("rule", "`" + rules_of(rules, each.id) + "`");
    item("place", "`" + each.place + "`");
  }
  text += "\n# " + label(language, "capabilities") + "\n\n";
  for (const Capability& each : catalogue.capabilities())
    text += "- `" + each.word + "` " + each.text.in(language) + "\n";
  return text;
}

std::string capability_table(const Catalogue& catalogue, base::Language language) {
  std::string text;
  for (const Capability& each : catalogue.capabilities())
    text += padded(each.word, 24) + each.text.in(language) + "\n";
  return text;
}

}  // namespace garita::conformance
