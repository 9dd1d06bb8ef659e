// Bytes off the wire -> frames -> messages. What decodes must encode to the payload that it came from.
#include <algorithm>
#include <cstdlib>
#include <vector>

#include "drivers/nuctech/wire.hpp"

namespace {

using garita::nuctech::Cut;

void decode_and_back(const garita::nuctech::Frame& frame) {
  const garita::nuctech::Decoded decoded = garita::nuctech::decode(frame);
  if (decoded.status != GARITA_OK) return;
  garita::nuctech::FrameWriter frames;
  std::vector<std::byte> again;
  garita::nuctech::encode(frames, decoded.message, again);
  const Cut cut = garita::nuctech::cut_frame(again);
  if (cut.kind != Cut::Kind::frame || cut.frame.type != frame.type ||
      !std::equal(cut.frame.payload.begin(), cut.frame.payload.end(), frame.payload.begin(),
                  frame.payload.end()))
    std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::span<const std::byte> bytes(reinterpret_cast<const std::byte*>(data), size);
  // Whole frames are rare to be met by chance: the same bytes as a payload of each type, too.
  for (const uint16_t type : {1, 2, 3, 4, 5, 6, 7, 0x81, 0x82, 0x83, 0x84, 0x99})
    decode_and_back({type, 0, bytes});
  while (!bytes.empty()) {
    const Cut cut = garita::nuctech::cut_frame(bytes);
    if (cut.size_bytes == 0) std::abort();
    if (cut.kind == Cut::Kind::need) break;
    if (cut.size_bytes > bytes.size()) std::abort();
    if (cut.kind == Cut::Kind::frame) decode_and_back(cut.frame);
    bytes = bytes.subspan(cut.size_bytes);
  }
  return 0;
}
