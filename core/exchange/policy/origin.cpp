#include "core/exchange/policy/origin.hpp"

#include <algorithm>

#include "core/exchange/policy/policy_file.hpp"

namespace garita::exchange {
namespace {

// What core/trust's Policy has: there is no other field, and its question (Candidate) has neither vendor nor
// country.
constexpr std::string_view admission_keys[] = {"roles", "level", "profiles", "grace_hours", "pilot"};
constexpr std::string_view inbound_keys[] = {"certificate", "signed_by", "action",   "code",  "from",
                                             "certified",   "level",     "suite",    "truth", "box",
                                             "fidelity",    "max_age_h", "complete", "fresh"};

template <size_t N>
void add_table(const toml::table& table, const std::string& where, const std::string_view (&neutral)[N],
               std::vector<ReadKey>& out) {
  for (const auto& [key, node] : table) {
    if (out.size() >= max_policy_rules * 16) return;
    const bool known = std::find(std::begin(neutral), std::end(neutral), key.str()) != std::end(neutral);
    out.push_back({where + std::string(key.str()), key.source().begin.line, !known});
  }
}

}  // namespace

base::Result<std::vector<ReadKey>> keys_read(std::string_view text, const std::string& path) {
  toml::table table;
  try {
    table = base::parse_toml(text);
  } catch (const toml::parse_error& error) {
    return base::Error{base::Outcome::usage,
                       "exchange.policy_toml",
                       {{"path", path},
                        {"line", std::to_string(error.source().begin.line)},
                        {"reason", std::string(error.description())}},
                       0};
  }
  std::vector<ReadKey> keys;
  if (const toml::array* rules = table["rule"].as_array()) {
    for (const toml::node& rule : *rules)
      if (rule.is_table()) add_table(*rule.as_table(), "rule.", inbound_keys, keys);
  }
  if (const toml::table* policy = table["policy"].as_table()) {
    for (const char* key : {"trust", "box"})
      if (const toml::node* node = policy->get(key))
        keys.push_back({std::string("policy.") + key, node->source().begin.line, false});
    if (const toml::table* certified = (*policy)["certified"].as_table())
      add_table(*certified, "policy.certified.", admission_keys, keys);
  }
  if (!keys.empty()) return keys;
  return base::Error{base::Outcome::usage, "exchange.policy_none", {{"path", path}}, 0};
}

}  // namespace garita::exchange
