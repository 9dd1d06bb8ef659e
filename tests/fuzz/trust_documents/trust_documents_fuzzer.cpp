// Any bytes as the payload of a root, a list, a certificate and a witness: refused, or written and read as
// the same.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "core/trust/statement.hpp"
#include "core/trust/status.hpp"
#include "core/trust/witness.hpp"

namespace {
using namespace garita::trust;

template <typename Parse>
void try_as(std::string_view type, const std::string& payload, Parse parse) {
  const auto document = parse(Envelope{std::string(type), payload, {}, "fuzz"});
  if (!document) return;
  const Envelope written = to_envelope(*document);
  const auto again = parse(written);
  if (!again || to_envelope(*again).payload != written.payload) std::abort();
}
}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size_bytes) {
  const std::string payload(reinterpret_cast<const char*>(data), size_bytes);
  try_as(root_type, payload, parse_root);
  try_as(status_type, payload, parse_status_list);
  try_as(statement_type, payload, parse_certificate);
  try_as(witness_type, payload, parse_witness);
  return 0;
}
