#include "core/isolate/box/policy.hpp"

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "core/base/bytes.hpp"
#include "core/base/toml.hpp"
#include "core/isolate/box/call_names.hpp"
#include "core/isolate/box/calls.hpp"
#include "core/isolate/policy_text.hpp"

namespace garita::isolate {
namespace {

constexpr size_t max_entries = 1000;
constexpr uint32_t last_call = 1023;

base::Error bad(std::string reason) {
  return {base::Outcome::usage, "isolate.bad_policy", {{"reason", std::move(reason)}}};
}

base::Result<std::vector<std::string>> texts_at(const toml::table& table, const char* section,
                                                const char* key) {
  const toml::array* const list = table[section][key].as_array();
  if (!list || list->size() > max_entries) return bad(std::string(section) + "." + key);
  std::vector<std::string> texts;
  for (const toml::node& node : *list) {
    const auto text = node.value<std::string>();
    if (!text || text->empty()) return bad(std::string(section) + "." + key);
    texts.push_back(*text);
  }
  return texts;
}

bool is_call(std::string_view name) {
  for (uint32_t number = 0; number <= last_call; ++number)
    if (const char* known = call_name(number); known && name == known) return true;
  return false;
}

}  // namespace

base::Result<Policy> Policy::parse(std::string_view text) {
  toml::table table;
  try {
    table = base::parse_toml(text);
  } catch (const toml::parse_error& wrong) {
    return bad(std::string(wrong.description()));
  }
  if (table["schema"].value_or(std::string()) != "garita.policy/1") return bad("schema");
  Policy policy;
  GARITA_TRY_ASSIGN(paths, texts_at(table, "absent", "paths"));
  for (const std::string& path : paths) {
    const bool all_below = path.ends_with("/**");
    const std::string plain = all_below ? path.substr(0, path.size() - 2) : path;
    if (plain.size() < 3 || plain[0] != '/' || plain.find("..") != std::string::npos ||
        plain.find('*') != std::string::npos)
      return bad(path);
    if (all_below)
      policy.below_.push_back(plain);
    else
      policy.absent_.insert(plain);
  }
  GARITA_TRY_ASSIGN(calls, texts_at(table, "quiet", "calls"));
  for (const std::string& call : calls)
    if (!is_call(call)) return bad(call);
  policy.quiet_.insert(calls.begin(), calls.end());
  base::Sha256 hash;
  hash.update(calls_text());
  policy.digest_ = hash.update(text).finish();
  return policy;
}

const Policy& Policy::built_in() {
  static const Policy policy = [] {
    auto parsed = parse(policy_text);
    if (!parsed) std::abort();  // compiled in, and held by a test
    return *std::move(parsed);
  }();
  return policy;
}

bool Policy::is_absent(std::string_view path) const {
  const auto covers = [&](const std::string& prefix) {
    return path.starts_with(prefix) || path == std::string_view(prefix).substr(0, prefix.size() - 1);
  };
  return absent_.contains(path) || std::any_of(below_.begin(), below_.end(), covers);
}

}  // namespace garita::isolate
