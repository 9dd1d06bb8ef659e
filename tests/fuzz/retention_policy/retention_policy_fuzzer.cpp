// A retention policy from whoever wrote it: understood whole or refused with a line; a legal hold is never one that holds
// nothing or everything.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "core/catalog/retention.hpp"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto policy = garita::catalog::parse_policy(text, "policy.toml");
  if (!policy) {
    if (policy.error().id != "catalog.policy") std::abort();
    return 0;
  }
  for (const auto& hold : policy->legal_holds) {
    const auto& query = hold.query;
    if (query.identifiers.empty() && !query.root && !query.from_utc_ns && !query.to_utc_ns && query.site.empty() &&
        query.lane.empty())
      std::abort();
  }
  return 0;
}
