// What a program says that a hostile file may have taken over: read whole and within its limits, or refused.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "core/exchange/inbound/claims_text.hpp"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto read = garita::exchange::parse_claims({reinterpret_cast<const char*>(data), size});
  if (!read.ok()) return 0;
  if (read->shown.box && *read->shown.box > 3) std::abort();
  const auto again = garita::exchange::parse_claims(garita::exchange::to_json(*read));
  if (!again.ok() || again->root != read->root) std::abort();
  return 0;
}
