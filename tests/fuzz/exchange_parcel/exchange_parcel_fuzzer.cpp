// Any bytes as what was sealed, and as an answer: read or refused; an answer that was read is written and
// read as the same.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "core/exchange/messages/parcel.hpp"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size_bytes) {
  using namespace garita;
  const base::Bytes bytes(data, size_bytes);
  const auto parcel = exchange::read_parcel(bytes);
  const auto answer = exchange::read_answer(parcel ? parcel->payload : bytes);
  if (!answer) return 0;
  const std::string written = exchange::write_answer(*answer);
  const auto again = exchange::read_answer(written);
  if (!again || exchange::write_answer(*again) != written) std::abort();
  return 0;
}
