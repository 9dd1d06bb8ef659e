#include "drivers/astrophysics/frame.hpp"

#include <array>

#include "garita/wire.hpp"

namespace garita::astrophysics {
namespace {

constexpr std::byte sync_first{0xA5}, sync_second{0x5A};

constexpr auto crc_table = [] {
  std::array<uint32_t, 256> table{};
  for (uint32_t byte = 0; byte < 256; ++byte) {
    uint32_t value = byte;
    for (int bit = 0; bit < 8; ++bit) value = (value >> 1) ^ ((value & 1) != 0 ? 0xEDB88320u : 0);
    table[byte] = value;
  }
  return table;
}();

bool may_be_sync(std::span<const std::byte> bytes) {
  return bytes[0] == sync_first && (bytes.size() < 2 || bytes[1] == sync_second);
}

// Bytes up to the next place where a frame may begin; not the first byte itself.
Cut skip_to_sync(std::span<const std::byte> bytes) {
  size_t at = 1;
  while (at < bytes.size() && !may_be_sync(bytes.subspan(at))) ++at;
  return {Cut::Kind::damage, at};
}

bool head_is_good(std::span<const std::byte> bytes) {
  return read_as<uint16_t>(bytes.data() + 6) <= max_body_bytes &&
         read_as<uint16_t>(bytes.data() + 8) == static_cast<uint16_t>(crc32(bytes.first(8)));
}

template <typename Number>
void put(std::vector<std::byte>& out, Number number) {
  for (size_t i = 0; i < sizeof(Number); ++i) out.push_back(static_cast<std::byte>(number >> (8 * i)));
}

}  // namespace

uint32_t crc32(std::span<const std::byte> bytes) {
  uint32_t sum = 0xFFFFFFFFu;
  for (const std::byte byte : bytes) sum = (sum >> 8) ^ crc_table[(sum ^ static_cast<uint32_t>(byte)) & 0xFF];
  return ~sum;
}

Cut cut_frame(std::span<const std::byte> bytes) {
  if (bytes.empty()) return {Cut::Kind::need, frame_head_bytes};
  if (!may_be_sync(bytes)) return skip_to_sync(bytes);
  if (bytes.size() < frame_head_bytes) return {Cut::Kind::need, frame_head_bytes};
  if (!head_is_good(bytes)) return skip_to_sync(bytes);
  const size_t body_bytes = read_as<uint16_t>(bytes.data() + 6);
  const size_t size = frame_head_bytes + body_bytes + frame_tail_bytes;
  if (bytes.size() < size) return {Cut::Kind::need, size};
  const auto body = bytes.subspan(frame_head_bytes, body_bytes);
  if (read_as<uint32_t>(bytes.data() + frame_head_bytes + body_bytes) != crc32(body))
    return {Cut::Kind::damage, size};
  const Frame frame{read_as<uint8_t>(bytes.data() + 2), read_as<uint8_t>(bytes.data() + 3),
                    read_as<uint16_t>(bytes.data() + 4), body};
  return {Cut::Kind::frame, size, frame};
}

void FrameWriter::append(std::vector<std::byte>& out, uint8_t type, uint8_t view,
                         std::span<const std::byte> body) {
  const size_t start = out.size();
  out.insert(out.end(), {sync_first, sync_second, std::byte{type}, std::byte{view}});
  put(out, sequence_++);
  put(out, static_cast<uint16_t>(body.size()));
  put(out, static_cast<uint16_t>(crc32(std::span(out).subspan(start, 8))));
  out.insert(out.end(), body.begin(), body.end());
  put(out, crc32(body));
}

}  // namespace garita::astrophysics
