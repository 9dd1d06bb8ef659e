// Frames of the control connection out of bytes, and back. Pure.
//
//  0      4       6       8               12           16          16+n
//  +------+-------+-------+---------------+------------+-----------+-------------+
//  |"RGC1"| type  | count | payload_bytes | header_crc | payload   | payload_crc |   all big-endian
//  | 4    | u16   | u16   | u32 = n       | u32        | n ≤ 128 K | u32         |
//  +------+-------+-------+---------------+------------+-----------+-------------+
//
// count: of the frames of one direction of one connection, from 0, modulo 2^16. Both sums are CRC-32 as in
// Ethernet, of bytes 0 … 11 and of the payload.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

namespace garita::rapiscan {

inline constexpr size_t frame_header_bytes = 16, frame_sum_bytes = 4;
inline constexpr size_t max_payload_bytes = 128 << 10;
inline constexpr size_t max_frame_bytes = frame_header_bytes + max_payload_bytes + frame_sum_bytes;

uint32_t crc32(std::span<const std::byte> bytes);

struct Frame {
  uint16_t type = 0, count = 0;
  std::span<const std::byte> payload;  // into the bytes given
};

// What stands at the front of the bytes.
struct Cut {
  enum class Kind : uint8_t {
    need,    // size_bytes are needed to tell more; more than are there
    frame,   // a whole frame of size_bytes
    damage,  // size_bytes are no frame; behind them one may begin
  };
  Kind kind = Kind::need;
  size_t size_bytes = frame_header_bytes;
  Frame frame = {};
};

// Never asks for more than max_frame_bytes, never answers damage of no byte.
Cut cut_frame(std::span<const std::byte> bytes);

class FrameWriter {
 public:
  // Appends a frame whose payload `fill` appends.
  void append(std::vector<std::byte>& out, uint16_t type,
              const std::function<void(std::vector<std::byte>&)>& fill);

 private:
  uint16_t count_ = 0;
};

}  // namespace garita::rapiscan
