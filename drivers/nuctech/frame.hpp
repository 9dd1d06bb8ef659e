// Frames of the simulated cargo portal: where a message begins and ends, and whether it arrived whole.
//
//   0        4      6          8          12         16        16+n
//   +--------+------+----------+----------+----------+---------+-------------+
//   | length | type | reserved | sequence | head_sum | payload | payload_sum |
//   | u32    | u16  | u16 = 0  | u32      | u32      | n bytes | u32         |
//   +--------+------+----------+----------+----------+---------+-------------+
//
// Little-endian. length counts the whole frame: 20 + n, n ≤ max_payload_bytes. sequence counts the frames of
// one direction of one connection from 0. Sums are CRC-32C (Castagnoli): head_sum of bytes 0 … 11,
// payload_sum of the payload.
//
// There is no mark that a frame begins with. Who has lost the place looks for the next sixteen bytes whose
// head_sum is right: one place in 2^32 is so by chance, and its payload_sum gives it away.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace garita::nuctech {

inline constexpr size_t frame_head_bytes = 16;
inline constexpr size_t frame_tail_bytes = 4;
inline constexpr size_t max_payload_bytes = (1u << 20) + 4096;
inline constexpr size_t max_frame_bytes = frame_head_bytes + max_payload_bytes + frame_tail_bytes;

uint32_t crc32c(std::span<const std::byte> bytes);

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
    const size_t start = out.size();
    out.resize(start + frame_head_bytes);
    fill(out);
    close(out, start, type);
  }

 private:
  void close(std::vector<std::byte>& out, size_t start, uint16_t type);

  uint32_t sequence_ = 0;
};

}  // namespace garita::nuctech
