// Bytes off both wires -> frames, messages, lines, order. What decodes must encode to the payload that it
// came from (dates may be written in more ways than one); what comes out of the order must rise.
#include <algorithm>
#include <cstdlib>
#include <optional>
#include <vector>

#include "drivers/rapiscan/motion.hpp"
#include "drivers/rapiscan/order.hpp"
#include "drivers/rapiscan/wire.hpp"

namespace {

using namespace garita::rapiscan;

void decode_and_back(const Frame& frame) {
  const Decoded decoded = decode(frame);
  if (decoded.status != GARITA_OK) {
    if (decoded.why.empty()) std::abort();
    return;
  }
  FrameWriter frames;
  std::vector<std::byte> again;
  encode(frames, decoded.message, again);
  const Cut cut = cut_frame(again);
  if (cut.kind != Cut::Kind::frame || cut.frame.type != frame.type) std::abort();
  if (decode(cut.frame).status != GARITA_OK || cut.frame.payload.size() != frame.payload.size()) std::abort();
  if (const auto* start = std::get_if<ScanStart>(&decoded.message))
    (void)Motion(*start).position_um(start->first_pulse + 5, 5);
}

// Each pair of bytes is a datagram's place in its scan.
void order(std::span<const std::byte> bytes) {
  Order order(8);
  order.begin(static_cast<uint8_t>(1 + bytes.size() % 2), 1, 0xFFFFFFF0);
  const std::byte samples[4] = {};
  std::optional<uint64_t> last;
  for (size_t i = 0; i + 1 < bytes.size(); i += 2) {
    const auto index = static_cast<uint32_t>(bytes[i]) << 2 | (static_cast<uint32_t>(bytes[i + 1]) & 3);
    const Energy energy = bytes.size() % 2 == 0 ? Energy::both : index % 2 == 0 ? Energy::high : Energy::low;
    order.put(
        {1, 0xFFFFFFF0 + index, 0, 0, energy, 1, std::span(samples).first(energy == Energy::both ? 4 : 2)});
    while (const Assembled* line = order.front()) {
      if ((last && line->row <= *last) || !line->whole()) std::abort();
      last = line->row;
      order.pop();
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::span<const std::byte> bytes(reinterpret_cast<const std::byte*>(data), size);
  for (const uint16_t type : {1, 2, 3, 4, 5, 6, 0x81, 0x82, 0x99}) decode_and_back({type, 0, bytes});
  (void)decode_line(bytes);
  (void)decode_register(bytes);
  order(bytes);
  while (!bytes.empty()) {
    const Cut cut = cut_frame(bytes);
    if (cut.size_bytes == 0) std::abort();
    if (cut.kind == Cut::Kind::need) break;
    if (cut.size_bytes > bytes.size()) std::abort();
    if (cut.kind == Cut::Kind::frame) decode_and_back(cut.frame);
    bytes = bytes.subspan(cut.size_bytes);
  }
  return 0;
}
