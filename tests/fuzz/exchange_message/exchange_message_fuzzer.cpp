// Any bytes as a message between two sites: read or refused; what was read is written and read again as the
// same.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "core/base/text.hpp"
#include "core/exchange/messages/message.hpp"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size_bytes) {
  using namespace garita;
  const auto message = exchange::read_message(base::Bytes(data, size_bytes));
  if (!message) {
    if (base::render(message.error(), base::Language::es).empty()) std::abort();
    return 0;
  }
  const std::string body = exchange::write_body(message->to, message->what);
  const auto again =
      exchange::read_message(exchange::write_message(message->from, body, message->signature, message->data));
  if (!again || again->what.index() != message->what.index() || again->data != message->data) std::abort();
  if (exchange::write_body(again->to, again->what) != body) std::abort();
  return 0;
}
