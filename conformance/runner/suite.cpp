#include "conformance/runner/suite.hpp"

#include <fnmatch.h>

#include <algorithm>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "conformance/runner/process.hpp"
#include "core/base/file.hpp"

namespace garita::conformance {
namespace {

constexpr ProcessLimits listing_limits{.wall_ms = 30000};

bool matches(const std::string& filter, const RuleInfo& rule) {
  const auto fits = [&](const std::string& text) { return ::fnmatch(filter.c_str(), text.c_str(), 0) == 0; };
  return filter.empty() || fits(rule.name) ||
         std::any_of(rule.requirements.begin(), rule.requirements.end(), fits);
}

}  // namespace

std::string rules_program() {
  const char* given = std::getenv("GARITA_CONFORM_RULES");
  return given && *given ? given : find_program("garita-conform-rules");
}

base::Result<std::vector<RuleInfo>> list_rules(const std::filesystem::path& scratch) {
  const auto output = scratch / "rules.jsonl";
  GARITA_TRY_ASSIGN(running, Running::start({rules_program(), "--list"}, output, listing_limits));
  const ProcessEnd end = running.wait();
  const base::Error none{base::Outcome::incomplete, "conform.no_rules", {{"program", rules_program()}}};
  const auto text = base::read_text_file(output, 16u << 20);
  if (end.how != ProcessEnd::How::exited || end.code != 0 || !text) return none;
  std::vector<RuleInfo> rules;
  std::istringstream lines(*text);
  try {
    for (std::string line; std::getline(lines, line);) {
      const auto row = nlohmann::json::parse(line);
      rules.push_back(
          {row.at("rule").get<std::string>(), row.at("requirements").get<std::vector<std::string>>()});
    }
  } catch (const std::exception&) {
    return none;
  }
  if (rules.empty()) return none;
  return rules;
}

std::vector<RuleInfo> select(const std::vector<RuleInfo>& all, const Catalogue& catalogue,
                             const Selection& selection) {
  std::vector<RuleInfo> chosen;
  for (const RuleInfo& rule : all) {
    const bool wanted =
        std::any_of(rule.requirements.begin(), rule.requirements.end(), [&](const std::string& id) {
          const Requirement* requirement = catalogue.find(id);
          return requirement && requirement->level <= selection.level &&
                 (selection.any_profile || requirement->holds_for(selection.profiles));
        });
    if (wanted && matches(selection.filter, rule)) chosen.push_back(rule);
  }
  std::stable_sort(chosen.begin(), chosen.end(), [](const RuleInfo& a, const RuleInfo& b) {
    return a.requirements.front() < b.requirements.front();
  });
  return chosen;
}

base::Digest catalogue_digest() {
  base::Sha256 hash;
  for (const EmbeddedFile& file : embedded_files()) {
    const uint64_t sizes[] = {file.name.size(), file.text.size()};
    hash.update({sizes, sizeof sizes}).update(file.name).update(file.text);
  }
  return hash.finish();
}

std::vector<std::string> orphans(const std::vector<RuleInfo>& all, const Catalogue& catalogue) {
  std::set<std::string> named;
  std::vector<std::string> found;
  for (const RuleInfo& rule : all)
    for (const std::string& id : rule.requirements) {
      named.insert(id);
      if (!catalogue.find(id)) found.push_back(rule.name + " -> " + id);
    }
  for (const Requirement& requirement : catalogue.requirements())
    if (!named.contains(requirement.id)) found.push_back(requirement.id);
  return found;
}

}  // namespace garita::conformance
