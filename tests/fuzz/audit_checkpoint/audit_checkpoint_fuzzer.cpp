// Any bytes as the payload of a checkpoint: refused, or written and read as the same.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "core/base/text.hpp"
#include "core/exchange/audit/checkpoint.hpp"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace garita;
  const std::string payload(reinterpret_cast<const char*>(data), size);
  const auto checkpoint =
      exchange::parse_checkpoint({std::string(exchange::checkpoint_type), payload, {}, "fuzz"});
  if (!checkpoint) {
    if (base::render(checkpoint.error(), base::Language::es).empty()) std::abort();
    return 0;
  }
  const trust::Envelope written = to_envelope(*checkpoint);
  const auto again = exchange::parse_checkpoint(written);
  if (!again || to_envelope(*again).payload != written.payload) std::abort();
  return 0;
}
