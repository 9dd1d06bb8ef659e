#include "core/exchange/policy/policy_file.hpp"

namespace garita::exchange {
namespace {

uint32_t line_of(const toml::node& node) { return node.source().begin.line; }

}  // namespace

bool is_policy_name(std::string_view text) {
  return !text.empty() && text.size() <= 64 &&
         text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789._-") == text.npos;
}

void PolicyFile::problem(uint32_t line, std::string id, std::initializer_list<base::Field> fields) {
  if (problems_.size() >= max_policy_problems) return;
  base::Error error{
      base::Outcome::usage, std::move(id), {{"path", path_}, {"line", std::to_string(line)}}, 0};
  error.fields.insert(error.fields.end(), fields.begin(), fields.end());
  problems_.push_back(std::move(error));
}

void PolicyFile::problem(const toml::node& node, std::string id, std::initializer_list<base::Field> fields) {
  problem(line_of(node), std::move(id), fields);
}

void PolicyFile::read(std::string_view text,
                      const std::function<void(const toml::table&, uint32_t line)>& rule) {
  if (text.size() > max_policy_bytes) return problem(0, "exchange.policy_too_large");
  toml::table table;
  try {
    table = base::parse_toml(text);
  } catch (const toml::parse_error& error) {
    return problem(error.source().begin.line, "exchange.policy_toml",
                   {{"reason", std::string(error.description())}});
  }
  const auto schema = table["schema"].value_exact<std::string>();
  if (!schema || *schema != schema_) problem(1, "exchange.policy_schema", {{"wanted", std::string(schema_)}});
  for (const auto& [key, node] : table) {
    if (key == "schema") continue;
    const toml::array* rules = key == "rule" ? node.as_array() : nullptr;
    if (rules == nullptr) {
      problem(node, "exchange.policy_key", {{"key", std::string(key.str())}});
      continue;
    }
    if (rules->size() > max_policy_rules) problem(node, "exchange.policy_long", {{"key", "rule"}});
    for (size_t i = 0; i < rules->size() && i < max_policy_rules; ++i) {
      const toml::node& element = *rules->get(i);
      if (const toml::table* one = element.as_table())
        rule(*one, line_of(element));
      else
        problem(element, "exchange.policy_key", {{"key", "rule"}});
    }
  }
}

std::optional<std::string> PolicyFile::text(std::string_view key, const toml::node& node) {
  auto value = node.value_exact<std::string>();
  if (value && !value->empty() && value->size() <= 256) return value;
  problem(node, "exchange.policy_value", {{"key", std::string(key)}});
  return std::nullopt;
}

std::optional<bool> PolicyFile::boolean(std::string_view key, const toml::node& node) {
  const auto value = node.value_exact<bool>();
  if (!value) problem(node, "exchange.policy_value", {{"key", std::string(key)}});
  return value;
}

std::optional<int64_t> PolicyFile::number(std::string_view key, const toml::node& node, int64_t low,
                                          int64_t high) {
  const auto value = node.value_exact<int64_t>();
  if (value && *value >= low && *value <= high) return value;
  problem(node, "exchange.policy_value", {{"key", std::string(key)}});
  return std::nullopt;
}

Words PolicyFile::words(std::string_view key, const toml::node& node,
                        const std::function<bool(std::string_view)>& allowed) {
  Words words;
  const toml::array* list = node.as_array();
  if (list == nullptr) {
    problem(node, "exchange.policy_list", {{"key", std::string(key)}});
    return words;
  }
  if (list->size() > max_policy_words) {
    problem(node, "exchange.policy_long", {{"key", std::string(key)}});
    return words;
  }
  for (const toml::node& element : *list) {
    const auto word = element.value_exact<std::string>();
    if (!word || word->empty() || word->size() > 256)
      problem(element, "exchange.policy_value", {{"key", std::string(key)}});
    else if (allowed && !allowed(*word))
      problem(element, "exchange.policy_word", {{"key", std::string(key)}, {"given", *word}});
    else if (!words.emplace(*word, line_of(element)).second)
      problem(element, "exchange.policy_twice", {{"key", std::string(key)}, {"given", *word}});
  }
  return words;
}

}  // namespace garita::exchange
