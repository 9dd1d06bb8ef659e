// Reads a policy file so that every mistake in it is told with its line, not only the first. For the files of
// this room: what may go (sharing) and what may come in (../inbound).
#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"
#include "core/base/toml.hpp"

namespace garita::exchange {

inline constexpr size_t max_policy_bytes = 1u << 20;
inline constexpr size_t max_policy_rules = 256, max_policy_words = 256, max_policy_problems = 100;

// Words of a list, each with the line that it stands on: the line that decides.
using Words = std::map<std::string, uint32_t, std::less<>>;

// 1 to 64 of a-z, 0-9, '.', '_' and '-': recipients, purposes, authorities.
bool is_policy_name(std::string_view text);

// Collects what is wrong. One thread at a time.
class PolicyFile {
 public:
  PolicyFile(std::string path, std::string_view schema) : path_(std::move(path)), schema_(schema) {}

  // The tables of `[[rule]]`, each given to `rule` in the order of the file; no other key but `schema` is
  // allowed.
  void read(std::string_view text, const std::function<void(const toml::table&, uint32_t line)>& rule);

  void problem(uint32_t line, std::string id, std::initializer_list<base::Field> fields = {});
  void problem(const toml::node& node, std::string id, std::initializer_list<base::Field> fields = {});

  // The values of one key; what is of another type is a problem and reads as nothing.
  std::optional<std::string> text(std::string_view key, const toml::node& node);
  std::optional<bool> boolean(std::string_view key, const toml::node& node);
  std::optional<int64_t> number(std::string_view key, const toml::node& node, int64_t low, int64_t high);
  // `allowed` says which words there are; empty: any text of 1 to 256 bytes. A word twice is a problem.
  Words words(std::string_view key, const toml::node& node,
              const std::function<bool(std::string_view)>& allowed = {});

  const std::vector<base::Error>& problems() const { return problems_; }
  std::vector<base::Error> take_problems() { return std::move(problems_); }

 private:
  const std::string path_;
  const std::string_view schema_;
  std::vector<base::Error> problems_;
};

}  // namespace garita::exchange
