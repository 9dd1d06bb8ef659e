// Does a policy ask where a device or its driver comes from? Admission to the fleet may not; an agency's own
// rules for what it takes from others may, and then it is said which lines do.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"

namespace garita::exchange {

struct ReadKey {
  std::string key;  // "policy.certified.level"
  uint32_t line = 0;
  bool origin = false;  // a vendor, a country, a model, a driver by name; or a key that nobody knows
};

// Every key by which the policy of a site.toml ([policy.certified], and box and trust of [policy]) or a file
// of rules (garita.inbound/1) decides. Errors: exchange.policy_toml, exchange.policy_none {path} where it
// holds no such policy.
base::Result<std::vector<ReadKey>> keys_read(std::string_view toml, const std::string& path);

}  // namespace garita::exchange
