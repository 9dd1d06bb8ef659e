// Any bytes as JSON of a signed document: what is read has one meaning, so that its own text reads as the
// same.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "core/trust/json.hpp"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size_bytes) {
  using namespace garita;
  const auto json = trust::parse_json({reinterpret_cast<const char*>(data), size_bytes}, "fuzz");
  if (!json) return 0;
  const auto again = trust::parse_json(trust::compact(*json), "fuzz", 8 * trust::max_document_bytes);
  if (!again || *again != *json) std::abort();
  trust::Fields fields(*json, "fuzz");
  (void)fields.text("a"), (void)fields.time("b"), (void)fields.digest("c"), (void)fields.array("d", 4);
  (void)fields.end();
  return 0;
}
