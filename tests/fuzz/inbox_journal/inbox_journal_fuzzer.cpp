// A journal that a crash, a bad disk or somebody's hand left behind: read whole, cut at its tail, or named as damaged.
// Reading what was accepted once more gives the same.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "core/broker/journal.hpp"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto content = garita::broker::parse_journal(bytes, "journal");
  if (!content) return 0;
  if (content->good_bytes > size) std::abort();
  const auto again = garita::broker::parse_journal(bytes.substr(0, content->good_bytes), "journal");
  if (!again || again->good_bytes != content->good_bytes || again->objects.size() != content->objects.size())
    std::abort();
  for (const auto& [object, history] : content->objects)
    if (history.reason.size() > garita::broker::max_reason_bytes) std::abort();
  return 0;
}
