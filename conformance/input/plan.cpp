#include "conformance/input/plan.hpp"

#include <algorithm>

#include "core/base/file.hpp"
#include "core/base/toml.hpp"

namespace garita::conformance {
namespace {

base::Error bad(const std::filesystem::path& path, std::string what) {
  return {base::Outcome::usage, "conform.bad_plan", {{"path", path.string()}, {"what", std::move(what)}}};
}

bool take_list(const toml::table& table, std::string_view key, std::vector<std::string>& out) {
  if (!table.contains(key)) return true;
  const toml::array* const array = table[key].as_array();
  if (!array) return false;
  for (const toml::node& each : *array) {
    const auto word = each.value<std::string>();
    if (!word) return false;
    out.push_back(*word);
  }
  return true;
}

bool is_change(const std::string& word) {
  static constexpr const char* words[] = {"",       "plate",    "container", "date",   "language",
                                          "serial", "category", "rows",      "object", "times"};
  return std::find(std::begin(words), std::end(words), word) != std::end(words);
}

base::Result<InputPlan> plan_of(const std::filesystem::path& path, const toml::table& table) {
  InputPlan own;
  own.folder = std::filesystem::absolute(path).parent_path();
  own.title = table["title"].value<std::string>().value_or("");
  own.model = table["model"].value<std::string>().value_or("");
  own.name = table["name"].value<std::string>().value_or("");
  own.like = table["like"].value<std::string>().value_or("");
  own.changed = table["changed"].value<std::string>().value_or("");
  if (!is_change(own.changed) || own.like.empty() != own.changed.empty()) return bad(path, "changed");
  own.repeat_from = table["repeat_from"].value<int64_t>().value_or(-1);
  if (const toml::array* const where = table["where"].as_array())
    for (const toml::node& each : *where)
      own.where.push_back(static_cast<uint64_t>(std::max<int64_t>(0, each.value<int64_t>().value_or(0))));
  if (!own.where.empty() && own.where.size() != 4) return bad(path, "where");
  own.scans = static_cast<uint64_t>(std::max<int64_t>(1, table["scans"].value<int64_t>().value_or(1)));
  const std::pair<const char*, std::vector<std::string>*> lists[] = {{"simulator", &own.simulator},
                                                                     {"prepare", &own.prepare},
                                                                     {"source", &own.source},
                                                                     {"config", &own.config}};
  for (const auto& [key, out] : lists)
    if (!take_list(table, key, *out)) return bad(path, key);
  return own;
}

}  // namespace

base::Result<std::vector<InputPlan>> read_plan(const std::filesystem::path& path) {
  GARITA_TRY_ASSIGN(text, base::read_text_file(path, max_plan_bytes));
  return parse_plan(text, path);
}

base::Result<std::vector<InputPlan>> parse_plan(std::string_view text, const std::filesystem::path& path) {
  std::vector<InputPlan> plans;
  try {
    const toml::table all = base::parse_toml(text);
    const toml::array* const inputs = all["input"].as_array();
    if (!inputs || inputs->empty() || inputs->size() > max_inputs) return bad(path, "[[input]]");
    for (const toml::node& node : *inputs) {
      if (!node.is_table()) return bad(path, "[[input]]");
      GARITA_TRY_ASSIGN(plan, plan_of(path, *node.as_table()));
      plans.push_back(std::move(plan));
    }
  } catch (const toml::parse_error& error) {
    return bad(path, std::string(error.description()));
  }
  return plans;
}

std::vector<std::string> filled(std::vector<std::string> words, const Fillings& fillings) {
  for (std::string& word : words)
    for (const auto& [name, value] : fillings) {
      const std::string mark = "{" + name + "}";
      for (size_t at = 0; (at = word.find(mark, at)) != std::string::npos; at += value.size())
        word.replace(at, mark.size(), value);
    }
  return words;
}

std::string rooted(const std::string& source, const std::filesystem::path& folder) {
  const size_t equals = source.find('=');
  if (folder.empty() || equals == std::string::npos) return source;
  for (const std::string_view scheme : {"file:", "dir:"}) {
    if (source.compare(equals + 1, scheme.size(), scheme) != 0) continue;
    const std::string path = source.substr(equals + 1 + scheme.size());
    if (path.empty() || path[0] == '/') return source;
    return source.substr(0, equals + 1 + scheme.size()) + (folder / path).string();
  }
  return source;
}

}  // namespace garita::conformance
