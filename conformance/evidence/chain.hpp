// Raw events as lines that each vouch for all lines before them.
//
//   {"event":{…},"n":1,"previous":"0000…"}\n      previous: SHA-256 of the line before, without its newline;
//   of the
//   {"event":{…},"n":2,"previous":"9f86…"}\n      first: zeros
//
// A line is JSON in the one form that we write it (keys sorted, no spaces), so that no two texts mean the
// same.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/digest.hpp"
#include "core/base/result.hpp"

namespace garita::conformance {

inline constexpr size_t max_json_depth = 32;

// JSON in our own form; nullopt: no JSON, deeper than max_json_depth, or written in another way.
std::optional<nlohmann::json> parse_canonical(std::string_view text);
std::string canonical(const nlohmann::json& value);  // what is no UTF-8 becomes U+FFFD

class Chain {
 public:
  void add(const nlohmann::json& event);

  const std::string& text() const { return text_; }
  const base::Digest& head() const { return head_; }  // of the last line; zeros where there is none
  uint64_t lines() const { return lines_; }

 private:
  std::string text_;
  base::Digest head_{};
  uint64_t lines_ = 0;
};

struct ReadChain {
  std::vector<nlohmann::json> events;
  base::Digest head{};
};

// Errors: evidence.chain {path, line} names the first line that is not as it must be.
base::Result<ReadChain> read_chain(std::string_view text, const std::string& path);

}  // namespace garita::conformance
