#include "drivers/portal/frame.hpp"

#include <algorithm>
#include <array>
#include <cstring>

namespace garita::portal {
namespace {

constexpr std::array<std::byte, 4> magic = {std::byte{'G'}, std::byte{'P'}, std::byte{'W'}, std::byte{'1'}};

// Tables for eight bytes a step ("slicing by 8"): a driver takes nothing from the system but libc, so no
// zlib.
constexpr auto crc_tables = [] {
  std::array<std::array<uint32_t, 256>, 8> tables{};
  for (uint32_t byte = 0; byte < 256; ++byte) {
    uint32_t value = byte;
    for (int bit = 0; bit < 8; ++bit) value = (value >> 1) ^ ((value & 1) ? 0xEDB88320u : 0);
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

bool may_be_magic(std::span<const std::byte> bytes) {
  const size_t size = std::min(bytes.size(), magic.size());
  return std::equal(magic.begin(), magic.begin() + static_cast<std::ptrdiff_t>(size), bytes.begin());
}

// Bytes up to the next place where a frame may begin; not the first byte itself.
Cut skip_to_magic(std::span<const std::byte> bytes) {
  size_t at = 1;
  while (at < bytes.size() && !may_be_magic(bytes.subspan(at))) ++at;
  return {Cut::Kind::damage, at, {}};
}

bool header_is_good(std::span<const std::byte> bytes) {
  return load<uint16_t>(bytes, 6) == 0 && load<uint32_t>(bytes, 12) <= max_payload_bytes &&
         load<uint32_t>(bytes, 16) == crc32(bytes.first(16));
}

}  // namespace

uint32_t crc32(std::span<const std::byte> bytes) {
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
  if (bytes.empty()) return {Cut::Kind::need, frame_header_bytes, {}};
  if (!may_be_magic(bytes)) return skip_to_magic(bytes);
  if (bytes.size() < frame_header_bytes) return {Cut::Kind::need, frame_header_bytes, {}};
  if (!header_is_good(bytes)) return skip_to_magic(bytes);
  const size_t payload_bytes = load<uint32_t>(bytes, 12);
  const size_t size = frame_header_bytes + payload_bytes + frame_trailer_bytes;
  if (bytes.size() < size) return {Cut::Kind::need, size, {}};
  const auto payload = bytes.subspan(frame_header_bytes, payload_bytes);
  if (load<uint32_t>(bytes, frame_header_bytes + payload_bytes) != crc32(payload))
    return {Cut::Kind::damage, size, {}};
  return {Cut::Kind::frame, size, {load<uint16_t>(bytes, 4), load<uint32_t>(bytes, 8), payload}};
}

size_t FrameWriter::open(std::vector<std::byte>& out) {
  const size_t start = out.size();
  out.resize(start + frame_header_bytes);
  return start;
}

void FrameWriter::close(std::vector<std::byte>& out, size_t start, uint16_t type) {
  const size_t payload_bytes = out.size() - start - frame_header_bytes;
  std::copy(magic.begin(), magic.end(), out.begin() + static_cast<std::ptrdiff_t>(start));
  store<uint16_t>(out, start + 4, type);
  store<uint16_t>(out, start + 6, 0);
  store<uint32_t>(out, start + 8, sequence_++);
  store<uint32_t>(out, start + 12, static_cast<uint32_t>(payload_bytes));
  store<uint32_t>(out, start + 16, crc32(std::span(out).subspan(start, 16)));
  const uint32_t sum = crc32(std::span(out).subspan(start + frame_header_bytes, payload_bytes));
  out.resize(out.size() + frame_trailer_bytes);
  store<uint32_t>(out, out.size() - frame_trailer_bytes, sum);
}

}  // namespace garita::portal
