// A sharing policy from whoever wrote it: understood whole, or every mistake told with its line; and what it
// withholds by name never goes.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "core/exchange/policy/sharing.hpp"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto read = garita::exchange::parse_sharing({reinterpret_cast<const char*>(data), size}, "p.toml");
  for (const auto& problem : read.problems)
    if (problem.field("line").empty()) std::abort();
  if (!read.problems.empty()) return 0;
  for (const auto& rule : read.policy.rules)
    for (const char* path : {"conveyance.plates[0].number", "documents.pedimentos[0]", "suspect[0].value"})
      for (const auto& [pattern, line] : rule.withhold)
        if (garita::exchange::covers(pattern, path) && rule.field(path).goes) std::abort();
  return 0;
}
