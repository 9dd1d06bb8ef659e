#include "conformance/mutants/mechanical/ledger.hpp"

#include <nlohmann/json.hpp>
#include <sstream>

#include "core/base/file.hpp"

namespace garita::conformance::mechanical {
namespace {

using nlohmann::ordered_json;
constexpr uint64_t max_bytes = 64u << 20;

ordered_json json_of(const Entry& entry) {
  return {{"family", entry.family}, {"file", entry.file},     {"line", entry.line},
          {"column", entry.column}, {"rule", entry.rule},     {"before", entry.before},
          {"after", entry.after},   {"source", entry.source}, {"verdict", entry.verdict},
          {"by", entry.by}};
}

template <typename T>
T field(const ordered_json& from, const char* name, T otherwise) {
  const auto found = from.find(name);
  if (found == from.end()) return otherwise;
  if constexpr (std::is_same_v<T, std::string>) {
    return found->is_string() ? found->template get<T>() : otherwise;
  } else {
    return found->is_number_unsigned() ? found->template get<T>() : otherwise;
  }
}

Entry entry_of(const ordered_json& from) {
  Entry own;
  own.family = field<std::string>(from, "family", ""), own.file = field<std::string>(from, "file", "");
  own.rule = field<std::string>(from, "rule", ""), own.before = field<std::string>(from, "before", "");
  own.after = field<std::string>(from, "after", ""), own.verdict = field<std::string>(from, "verdict", "");
  own.source = field<std::string>(from, "source", "");
  own.line = field<uint32_t>(from, "line", 0), own.column = field<uint32_t>(from, "column", 0);
  if (from.contains("by") && from["by"].is_array())
    for (const auto& rule : from["by"])
      if (rule.is_string()) own.by.push_back(rule.get<std::string>());
  return own;
}

std::map<std::string, std::string> reasons(const std::filesystem::path& path) {
  std::map<std::string, std::string> own;
  const auto text = base::read_text_file(path, max_bytes);
  const auto all = ordered_json::parse(text ? *text : "", nullptr, false);
  if (!all.is_object() || !all.contains("survivors") || !all["survivors"].is_array()) return own;
  for (const auto& each : all["survivors"])
    if (each.is_object()) own[entry_of(each).key()] = field<std::string>(each, "reason", "");
  return own;
}

}  // namespace

std::string Entry::key() const {
  return file + "|" + source + "|" + std::to_string(column) + "|" + rule + "|" + before + "|" + after;
}

std::map<std::string, Entry> read_journal(const std::filesystem::path& path) {
  std::map<std::string, Entry> own;
  const auto text = base::read_text_file(path, max_bytes);
  std::istringstream in(text ? *text : "");
  for (std::string line; std::getline(in, line);) {
    const auto json = ordered_json::parse(line, nullptr, false);
    if (!json.is_object()) continue;
    Entry entry = entry_of(json);
    const std::string key = entry.key();
    own[key] = std::move(entry);
  }
  return own;
}

base::Result<void> append(const std::filesystem::path& path, const Entry& entry) {
  GARITA_TRY_ASSIGN(file, base::real_file_system().append_to(path, 0644));
  const std::string line = json_of(entry).dump(-1, ' ', false, ordered_json::error_handler_t::replace) + "\n";
  return file->append(base::Bytes(line));
}

base::Result<std::pair<uint64_t, uint64_t>> write_results(const std::filesystem::path& path,
                                                          const Results& results) {
  const auto known = reasons(path);
  std::pair<uint64_t, uint64_t> total{0, 0};
  uint64_t stillborn = 0, errors = 0;
  ordered_json families = ordered_json::object(), survivors = ordered_json::array();
  for (const Entry& entry : results.entries) {
    stillborn += entry.verdict == "stillborn", errors += entry.verdict == "error";
    const bool killed = entry.verdict == "killed";
    if (!killed && entry.verdict != "survived") continue;
    auto& family = families[entry.family];
    if (family.is_null()) family = {{"mutants", 0}, {"killed", 0}};
    family["mutants"] = family["mutants"].get<uint64_t>() + 1;
    family["killed"] = family["killed"].get<uint64_t>() + killed;
    ++total.first, total.second += killed;
    if (killed) continue;
    ordered_json own = json_of(entry);
    own.erase("by"), own.erase("verdict");
    const auto reason = known.find(entry.key());
    own["reason"] = reason == known.end() ? "" : reason->second;
    survivors.push_back(std::move(own));
  }
  const ordered_json all = {
      {"seed", results.seed},   {"mechanical", total.first}, {"mechanical_killed", total.second},
      {"stillborn", stillborn}, {"errors", errors},          {"unhealthy", results.unhealthy},
      {"families", families},   {"survivors", survivors}};
  const std::string text = all.dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n";
  GARITA_TRY(base::write_file(path, base::Bytes(text)));
  return total;
}

}  // namespace garita::conformance::mechanical
