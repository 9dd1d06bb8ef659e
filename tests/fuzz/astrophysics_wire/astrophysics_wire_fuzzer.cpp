// Bytes off the wire -> frames -> messages. What decodes must encode to the body that it came from.
#include <algorithm>
#include <cstdlib>
#include <vector>

#include "drivers/astrophysics/lines.hpp"
#include "drivers/astrophysics/wire.hpp"

namespace {

namespace wire = garita::astrophysics;
using wire::Cut;

// Samples of a line of any width that its size allows.
void unpack_all(const wire::Line& line) {
  std::vector<uint16_t> samples(line.samples.size() * 2 / 3);
  wire::unpack(line.samples, 0, samples);
  for (const uint16_t sample : samples)
    if (sample > 4095) std::abort();
}

void decode_and_back(const wire::Frame& frame) {
  const wire::Decoded decoded = wire::decode(frame);
  if (decoded.status != GARITA_OK) return;
  if (const auto* line = std::get_if<wire::Line>(&decoded.message)) unpack_all(*line);
  wire::FrameWriter frames;
  std::vector<std::byte> again;
  wire::encode(frames, decoded.message, again);
  const Cut cut = wire::cut_frame(again);
  if (cut.kind != Cut::Kind::frame || cut.frame.type != frame.type || cut.frame.view != frame.view ||
      !std::equal(cut.frame.body.begin(), cut.frame.body.end(), frame.body.begin(), frame.body.end()))
    std::abort();
}

// The same bytes as encoder counts: rows never fall, and every row can be found again.
void count_lines(std::span<const std::byte> bytes) {
  wire::BeltLines lines;
  for (const std::byte byte : bytes.first(std::min<size_t>(bytes.size(), 256))) {
    const auto line = static_cast<uint32_t>(lines.rows()) + static_cast<uint32_t>(byte) - 100;
    if (lines.came(line) != wire::BeltLines::Came::first_time) {
      if (byte == std::byte{0}) lines.reversed();
      continue;
    }
    lines.add(line);
    if (lines.row_of(line) != lines.rows() - 1) std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::span<const std::byte> bytes(reinterpret_cast<const std::byte*>(data), size);
  count_lines(bytes);
  // Whole frames are rare to be met by chance: the same bytes as a body of each type, too.
  if (size <= wire::max_body_bytes)
    for (const uint8_t type : {0x10, 0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17, 0x18, 0x90, 0x91, 0x55})
      decode_and_back({type, 0, 0, bytes});
  while (!bytes.empty()) {
    const Cut cut = wire::cut_frame(bytes);
    if (cut.size_bytes == 0) std::abort();
    if (cut.kind == Cut::Kind::need) break;
    if (cut.size_bytes > bytes.size()) std::abort();
    if (cut.kind == Cut::Kind::frame) decode_and_back(cut.frame);
    bytes = bytes.subspan(cut.size_bytes);
  }
  return 0;
}
