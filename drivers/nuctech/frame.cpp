#include "drivers/nuctech/frame.hpp"

#include <array>
#include <cstring>

namespace garita::nuctech {
namespace {

// Tables for eight bytes a step ("slicing by 8"): blocks are large, and a driver takes nothing from the
// system but libc.
constexpr auto crc_tables = [] {
  std::array<std::array<uint32_t, 256>, 8> tables{};
  for (uint32_t byte = 0; byte < 256; ++byte) {
    uint32_t value = byte;
    for (int bit = 0; bit < 8; ++bit) value = (value >> 1) ^ ((value & 1) ? 0x82F63B78u : 0);
    tables[0][byte] = value;
  }
  for (size_t i = 1; i < 8; ++i)
    for (size_t byte = 0; byte < 256; ++byte)
      tables[i][byte] = (tables[i - 1][byte] >> 8) ^ tables[0][tables[i - 1][byte] & 0xFF];
  return tables;
}();

template <typename T>
T load(std::span<const std::byte> bytes, size_t offset) {
  T value;
  std::memcpy(&value, bytes.data() + offset, sizeof value);
  return value;
}

template <typename T>
void store(std::vector<std::byte>& bytes, size_t offset, T value) {
  std::memcpy(bytes.data() + offset, &value, sizeof value);
}

// The length is looked at first: it is what rules out most places where a frame might begin.
bool head_is_good(std::span<const std::byte> bytes) {
  const auto length = load<uint32_t>(bytes, 0);
  return length >= frame_head_bytes + frame_tail_bytes && length <= max_frame_bytes &&
         load<uint16_t>(bytes, 6) == 0 && load<uint32_t>(bytes, 12) == crc32c(bytes.first(12));
}

// Up to the next place where a frame begins, or may for all that is known yet; not the first byte itself.
Cut skip_to_head(std::span<const std::byte> bytes) {
  size_t at = 1;
  while (at + frame_head_bytes <= bytes.size() && !head_is_good(bytes.subspan(at))) ++at;
  return {Cut::Kind::damage, at, {}};
}

}  // namespace

uint32_t crc32c(std::span<const std::byte> bytes) {
  uint32_t sum = 0xFFFFFFFFu;
  const std::byte* at = bytes.data();
  size_t left = bytes.size();
  for (; left >= 8; left -= 8, at += 8) {
    uint64_t word;
    std::memcpy(&word, at, 8);
    word ^= sum;
    sum = 0;
    for (size_t i = 0; i < 8; ++i) sum ^= crc_tables[7 - i][(word >> (8 * i)) & 0xFF];
  }
  for (; left > 0; --left, ++at) sum = (sum >> 8) ^ crc_tables[0][(sum ^ static_cast<uint32_t>(*at)) & 0xFF];
  return ~sum;
}

Cut cut_frame(std::span<const std::byte> bytes) {
  if (bytes.size() < frame_head_bytes) return {Cut::Kind::need, frame_head_bytes, {}};
  if (!head_is_good(bytes)) return skip_to_head(bytes);
  const size_t length = load<uint32_t>(bytes, 0);
  if (bytes.size() < length) return {Cut::Kind::need, length, {}};
  const size_t payload_bytes = length - frame_head_bytes - frame_tail_bytes;
  const auto payload = bytes.subspan(frame_head_bytes, payload_bytes);
  if (load<uint32_t>(bytes, frame_head_bytes + payload_bytes) != crc32c(payload))
    return {Cut::Kind::damage, length, {}};
  return {Cut::Kind::frame, length, {load<uint16_t>(bytes, 4), load<uint32_t>(bytes, 8), payload}};
}

void FrameWriter::close(std::vector<std::byte>& out, size_t start, uint16_t type) {
  const size_t payload_bytes = out.size() - start - frame_head_bytes;
  store(out, start, static_cast<uint32_t>(frame_head_bytes + payload_bytes + frame_tail_bytes));
  store<uint16_t>(out, start + 4, type);
  store<uint16_t>(out, start + 6, 0);
  store<uint32_t>(out, start + 8, sequence_++);
  store<uint32_t>(out, start + 12, crc32c(std::span(out).subspan(start, 12)));
  const uint32_t sum = crc32c(std::span(out).subspan(start + frame_head_bytes, payload_bytes));
  out.resize(out.size() + frame_tail_bytes);
  store<uint32_t>(out, out.size() - frame_tail_bytes, sum);
}

}  // namespace garita::nuctech
