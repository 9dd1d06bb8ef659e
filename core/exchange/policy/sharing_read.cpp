#include "core/base/file.hpp"
#include "core/exchange/policy/sharing.hpp"
#include "core/record/dictionary.hpp"
#include "garita/attachment.h"

namespace garita::exchange {
namespace {

constexpr std::pair<std::string_view, uint32_t> attachment_roles[] = {
    {"scene", GARITA_ATTACHMENT_SCENE},
    {"plate", GARITA_ATTACHMENT_PLATE},
    {"original", GARITA_ATTACHMENT_ORIGINAL},
    {"report", GARITA_ATTACHMENT_REPORT}};

std::optional<v1::Redaction> class_of(std::string_view word) {
  const auto found = record::redaction_from_name(word);
  return found == v1::REDACTION_UNSPECIFIED ? std::nullopt : found;
}

// A field of the record, or what holds some.
bool is_pattern(std::string_view given) {
  for (const record::FieldInfo& field : record::dictionary())
    if (covers(given, field.pattern)) return true;
  return false;
}

std::optional<uint32_t> role_of(std::string_view word) {
  for (const auto& [name, role] : attachment_roles)
    if (name == word) return role;
  return std::nullopt;
}

class Reader {
 public:
  explicit Reader(const std::string& path) : file_(path, sharing_schema) { result_.policy.path = path; }

  ReadSharing read(std::string_view text) {
    file_.read(text, [this](const toml::table& table, uint32_t line) { rule(table, line); });
    result_.problems = file_.take_problems();
    return std::move(result_);
  }

 private:
  void rule(const toml::table& table, uint32_t line) {
    SharingRule rule;
    rule.line = line;
    for (const auto& [key, node] : table) {
      if (!names_of(rule, key.str(), node) && !parts_of(rule, key.str(), node))
        file_.problem(node, "exchange.policy_key", {{"key", std::string(key.str())}});
    }
    if (rule.to.empty()) file_.problem(line, "exchange.policy_missing", {{"key", "to"}});
    if (rule.purpose.empty()) file_.problem(line, "exchange.policy_missing", {{"key", "purpose"}});
    agree(rule);
    for (const SharingRule& other : result_.policy.rules) apart(rule, other);
    result_.policy.rules.push_back(std::move(rule));
  }

  bool names_of(SharingRule& rule, std::string_view key, const toml::node& node) {
    if (key == "to")
      rule.to = file_.words(key, node, is_policy_name);
    else if (key == "purpose")
      rule.purpose = file_.words(key, node, is_policy_name);
    else if (key == "give")
      rule.give = file_.words(key, node, is_pattern);
    else if (key == "withhold")
      rule.withhold = file_.words(key, node, is_pattern);
    else if (key == "names")
      rule.names = file_.boolean(key, node).value_or(false);
    else if (key == "classes")
      for (const auto& [word, line] : file_.words(key, node, [](auto w) { return class_of(w).has_value(); }))
        rule.classes[*class_of(word)] = line;
    else
      return false;
    return true;
  }

  bool parts_of(SharingRule& rule, std::string_view key, const toml::node& node) {
    if (key == "planes")
      planes(rule, node);
    else if (key == "factor")
      rule.factor = static_cast<uint32_t>(file_.number(key, node, 4, 256).value_or(0));
    else if (key == "attachments")
      for (const auto& [word, line] : file_.words(key, node, [](auto w) { return role_of(w).has_value(); }))
        rule.attachments[*role_of(word)] = line;
    else if (key == "calibrations")
      rule.calibrations = given(key, node);
    else if (key == "raw")
      rule.raw = given(key, node);
    else if (key == "recordings")
      rule.recordings = given(key, node);
    else
      return false;
    return true;
  }

  std::optional<uint32_t> given(std::string_view key, const toml::node& node) {
    if (!file_.boolean(key, node).value_or(false)) return std::nullopt;
    return node.source().begin.line;
  }

  void planes(SharingRule& rule, const toml::node& node) {
    const std::string word = node.value_exact<std::string>().value_or("");
    rule.planes_line = node.source().begin.line;
    if (word == "whole")
      rule.planes = PlaneShare::whole;
    else if (word == "reduced")
      rule.planes = PlaneShare::reduced;
    else if (word != "withheld")
      file_.problem(node, "exchange.policy_word", {{"key", "planes"}, {"given", word}});
  }

  // What one line gives, no other line may be there to withhold.
  void agree(const SharingRule& rule) {
    const bool power = rule.factor == 4 || rule.factor == 16 || rule.factor == 64 || rule.factor == 256;
    if ((rule.planes == PlaneShare::reduced) != (rule.factor != 0) || (rule.factor != 0 && !power))
      file_.problem(rule.planes_line != 0 ? rule.planes_line : rule.line, "exchange.policy_factor");
    if (rule.raw && rule.planes != PlaneShare::whole) file_.problem(*rule.raw, "exchange.policy_raw");
    if (rule.recordings) needs_all(rule, *rule.recordings, "recordings");
    if (const auto found = rule.classes.find(v1::REDACTION_UNVERIFIED); found != rule.classes.end())
      needs_classes(rule, found->second, "unverified");
    for (const auto& [pattern, line] : rule.give)
      if (record::redaction_class(pattern) == v1::REDACTION_UNVERIFIED) needs_classes(rule, line, pattern);
    for (const auto& [role, line] : rule.attachments) {
      if (role == GARITA_ATTACHMENT_ORIGINAL || role == GARITA_ATTACHMENT_REPORT)
        needs_all(rule, line, role == GARITA_ATTACHMENT_ORIGINAL ? "original" : "report");
      else
        needs_sight(rule, line);
    }
  }

  // A photograph shows the plate and whoever stands there.
  void needs_sight(const SharingRule& rule, uint32_t line) {
    bool held =
        !rule.classes.contains(v1::REDACTION_CONVEYANCE) || !rule.classes.contains(v1::REDACTION_PERSON);
    for (const auto& [pattern, unused] : rule.withhold)
      held = held || covers("conveyance", pattern) || covers(pattern, "conveyance");
    if (held) file_.problem(line, "exchange.policy_needs_sight");
  }

  void needs_classes(const SharingRule& rule, uint32_t line, const std::string& what) {
    if (!all_classes(rule) || !rule.withhold.empty())
      file_.problem(line, "exchange.policy_needs_all", {{"what", what}});
  }

  void needs_all(const SharingRule& rule, uint32_t line, const std::string& what) {
    if (!all_classes(rule) || !rule.withhold.empty() || rule.planes != PlaneShare::whole)
      file_.problem(line, "exchange.policy_needs_all", {{"what", what}});
  }

  static bool all_classes(const SharingRule& rule) {
    const auto* type = v1::Redaction_descriptor();
    return rule.classes.size() + 1 == static_cast<size_t>(type->value_count());
  }

  void apart(const SharingRule& rule, const SharingRule& other) {
    for (const auto& [to, line] : rule.to)
      for (const auto& [purpose, unused] : rule.purpose)
        if (other.to.contains(to) && other.purpose.contains(purpose))
          file_.problem(line, "exchange.policy_pair",
                        {{"to", to}, {"purpose", purpose}, {"other", std::to_string(other.line)}});
  }

  PolicyFile file_;
  ReadSharing result_;
};

}  // namespace

ReadSharing parse_sharing(std::string_view toml, const std::string& path) { return Reader(path).read(toml); }

base::Result<SharingPolicy> load_sharing(const std::string& path) {
  GARITA_TRY_ASSIGN(text, base::read_text_file(path, max_policy_bytes));
  ReadSharing read = parse_sharing(text, path);
  if (!read.problems.empty()) return std::move(read.problems.front());
  return std::move(read.policy);
}

}  // namespace garita::exchange
