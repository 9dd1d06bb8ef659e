// Frames: how the cabinet's messages are cut out of a stream of bytes, and put into one. Pure, no I/O.
//
//   0   2  0xA5 0x5A
//   2   1  type            message type, wire.hpp
//   3   1  view            of LINE and FOUND, else 0
//   4   2  sequence        counts the frames of one direction of one connection from 0; wraps
//   6   2  body_bytes      n ≤ 16384
//   8   2  head_check      the low half of the CRC-32 of bytes 0 … 7
//  10   n  body
//  10+n 4  body_check      CRC-32 of the body
//
// Little-endian; CRC-32 is the one of zlib and Ethernet. A damaged length is never believed: damage costs the
// frames that it touches.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace garita::astrophysics {

inline constexpr size_t frame_head_bytes = 10;
inline constexpr size_t frame_tail_bytes = 4;
inline constexpr size_t max_body_bytes = 16384;
inline constexpr size_t max_frame_bytes = frame_head_bytes + max_body_bytes + frame_tail_bytes;

uint32_t crc32(std::span<const std::byte> bytes);

struct Frame {
  uint8_t type = 0, view = 0;
  uint16_t sequence = 0;
  std::span<const std::byte> body;  // into the bytes that were cut
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
  Frame frame = {};
};

// Looks at the front of bytes. Damage skips a whole frame where only its body is bad, else to the next place
// where a frame may begin.
Cut cut_frame(std::span<const std::byte> bytes);

// Appends frames, numbered in sequence.
class FrameWriter {
 public:
  // body: at most max_body_bytes.
  void append(std::vector<std::byte>& out, uint8_t type, uint8_t view, std::span<const std::byte> body);

 private:
  uint16_t sequence_ = 0;
};

}  // namespace garita::astrophysics
