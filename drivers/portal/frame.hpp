// Frames: how the portal's messages are cut out of a stream of bytes, and put into one. Pure, no I/O.
//
//   0   4  "GPW1"
//   4   2  type            message type, wire.hpp
//   6   2  reserved        0
//   8   4  sequence        counts the frames of one direction of one connection from 0; wraps
//  12   4  payload_bytes   n ≤ 131072
//  16   4  header_crc      CRC-32 of bytes 0 … 15
//  20   n  payload
//  20+n 4  payload_crc     CRC-32 of the payload
//
// Little-endian; CRC-32 is the one of zlib and Ethernet (polynomial 0xEDB88320 reflected, start and end
// inverted). The header has a sum of its own so that a damaged length is never believed: damage costs the
// frames it touches and no more.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace garita::portal {

inline constexpr size_t frame_header_bytes = 20;
inline constexpr size_t frame_trailer_bytes = 4;
inline constexpr size_t max_payload_bytes = 128u << 10;
inline constexpr size_t max_frame_bytes = frame_header_bytes + max_payload_bytes + frame_trailer_bytes;

uint32_t crc32(std::span<const std::byte> bytes);

struct Frame {
  uint16_t type = 0;
  uint32_t sequence = 0;
  std::span<const std::byte> payload;  // into the bytes that were cut
};

// What the front of some bytes is.
struct Cut {
  enum class Kind {
    need,    // not decidable yet: come again with at least size_bytes bytes
    frame,   // frame; it takes size_bytes bytes
    damage,  // the first size_bytes bytes are no frame: skip them, whatever they were is lost
  };
  Kind kind = Kind::need;
  size_t size_bytes = 0;  // never 0; need: more than were given; frame, damage: at most those given
  Frame frame;
};

// Looks at the front of bytes. Damage skips a whole frame where only its payload is bad, else to the next
// place where a frame may begin.
Cut cut_frame(std::span<const std::byte> bytes);

// Appends a frame around what fill() appends to out; fill may append at most max_payload_bytes.
class FrameWriter {
 public:
  template <typename Fill>
  void append(std::vector<std::byte>& out, uint16_t type, Fill&& fill) {
    const size_t start = open(out);
    fill(out);
    close(out, start, type);
  }

 private:
  static size_t open(std::vector<std::byte>& out);
  void close(std::vector<std::byte>& out, size_t start, uint16_t type);

  uint32_t sequence_ = 0;
};

}  // namespace garita::portal
