// Any bytes as an envelope: read or refused; what was read is written and read again as the same.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "core/base/text.hpp"
#include "core/trust/dsse.hpp"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size_bytes) {
  using namespace garita;
  const auto envelope = trust::parse_envelope({reinterpret_cast<const char*>(data), size_bytes}, "fuzz");
  if (!envelope) {
    if (base::render(envelope.error(), base::Language::es).empty()) std::abort();
    return 0;
  }
  const auto again = trust::parse_envelope(trust::to_json(*envelope), "fuzz");
  if (!again || again->payload != envelope->payload ||
      again->signatures.size() != envelope->signatures.size())
    std::abort();
  return 0;
}
