#include "drivers/rapiscan/frame.hpp"

#include <algorithm>
#include <array>

#include "garita/wire.hpp"

namespace garita::rapiscan {
namespace {

constexpr std::array<std::byte, 4> magic = {std::byte{'R'}, std::byte{'G'}, std::byte{'C'}, std::byte{'1'}};
constexpr size_t header_sum_at = 12, size_at = 8;

constexpr std::array<uint32_t, 256> crc_table() {
  std::array<uint32_t, 256> table{};
  for (uint32_t i = 0; i < 256; ++i) {
    uint32_t value = i;
    for (int bit = 0; bit < 8; ++bit) value = value & 1 ? 0xEDB88320u ^ value >> 1 : value >> 1;
    table[i] = value;
  }
  return table;
}

template <typename Number>
Number at(std::span<const std::byte> bytes, size_t offset) {
  return read_as<Number>(bytes.data() + offset, std::endian::big);
}

// How many bytes lie before the next place where a frame may begin: at least one.
size_t to_next_magic(std::span<const std::byte> bytes) {
  for (size_t offset = 1; offset < bytes.size(); ++offset) {
    const size_t size = std::min(magic.size(), bytes.size() - offset);
    if (std::equal(magic.begin(), magic.begin() + static_cast<ptrdiff_t>(size),
                   bytes.begin() + static_cast<ptrdiff_t>(offset)))
      return offset;
  }
  return bytes.size();
}

void put(std::vector<std::byte>& out, uint64_t value, size_t size) {
  while (size-- > 0) out.push_back(static_cast<std::byte>(value >> (8 * size)));
}

}  // namespace

uint32_t crc32(std::span<const std::byte> bytes) {
  static constexpr std::array<uint32_t, 256> table = crc_table();
  uint32_t sum = 0xFFFFFFFFu;
  for (const std::byte byte : bytes) sum = table[(sum ^ static_cast<uint32_t>(byte)) & 0xFF] ^ sum >> 8;
  return ~sum;
}

Cut cut_frame(std::span<const std::byte> bytes) {
  if (bytes.size() < frame_header_bytes) return {};
  const bool header_good = std::equal(magic.begin(), magic.end(), bytes.begin()) &&
                           at<uint32_t>(bytes, header_sum_at) == crc32(bytes.first(header_sum_at)) &&
                           at<uint32_t>(bytes, size_at) <= max_payload_bytes;
  if (!header_good) return {Cut::Kind::damage, to_next_magic(bytes), {}};
  const size_t payload_bytes = at<uint32_t>(bytes, size_at);
  const size_t size = frame_header_bytes + payload_bytes + frame_sum_bytes;
  if (bytes.size() < size) return {Cut::Kind::need, size, {}};
  const auto payload = bytes.subspan(frame_header_bytes, payload_bytes);
  if (at<uint32_t>(bytes, frame_header_bytes + payload_bytes) != crc32(payload))
    return {Cut::Kind::damage, size, {}};
  return {Cut::Kind::frame, size, {at<uint16_t>(bytes, 4), at<uint16_t>(bytes, 6), payload}};
}

void FrameWriter::append(std::vector<std::byte>& out, uint16_t type,
                         const std::function<void(std::vector<std::byte>&)>& fill) {
  std::vector<std::byte> payload;
  fill(payload);
  const size_t begin = out.size();
  out.insert(out.end(), magic.begin(), magic.end());
  put(out, type, 2);
  put(out, count_++, 2);
  put(out, payload.size(), 4);
  put(out, crc32(std::span(out).subspan(begin, header_sum_at)), 4);
  out.insert(out.end(), payload.begin(), payload.end());
  put(out, crc32(payload), 4);
}

}  // namespace garita::rapiscan
