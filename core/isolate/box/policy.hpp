// The published policy of the box: what is refused without being a breach (policy.toml), and the digest that
// evidence names.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/digest.hpp"
#include "core/base/result.hpp"

namespace garita::isolate {

class Policy {
 public:
  // Errors: isolate.bad_policy {reason}.
  static base::Result<Policy> parse(std::string_view toml);
  // The one that was compiled in. Any thread.
  static const Policy& built_in();

  bool is_absent(std::string_view path) const;  // plain and absolute, as decode_call gives it
  bool is_quiet(std::string_view call) const { return quiet_.contains(call); }

  // SHA-256 over the table of calls and the text of the policy.
  const base::Digest& digest() const { return digest_; }

 private:
  std::set<std::string, std::less<>> absent_, quiet_;
  std::vector<std::string> below_;  // prefixes that end in '/'
  base::Digest digest_{};
};

}  // namespace garita::isolate
