// The wire of the acme-x1: bytes <-> messages. Pure, no I/O; both ways, so that the simulator speaks it too.
//
// This protocol is a stand-in. Put your device's in its place and keep the shape: a struct a message, a
// decode that checks every size before it uses it, an encode for the simulator and the tests.
//
// Everything is a frame, little-endian:
//
//   0      2      3     4               8         8 + n
//   +------+------+-----+---------------+---------+----------+
//   | "SL" | type | 0   | n, u32 ≤ 32 K | payload | CRC, u16 |   CRC-16/CCITT of all before it
//   +------+------+-----+---------------+---------+----------+
//
//   1 HEALTH       u8 state (1 warming up 2 ready 3 scanning 4 interlock open 5 fault) · text
//   2 CALIBRATION  u16 dark[columns] · u16 air[columns]; counts: beam off; beam on, nothing in it
//   3 BEGIN        i64 time (ns since 1970 UTC) · u16 columns · u32 pitch_um · u8 size · key · u8 size ·
//   plate 4 LINE         u16 counter, wraps · u16 counts[columns] 5 END          u32 lines sent
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <variant>
#include <vector>

namespace wire {

using Bytes = std::span<const std::byte>;

inline constexpr size_t header_bytes = 8, sum_bytes = 2;
inline constexpr size_t max_payload_bytes = 32768;
inline constexpr size_t max_columns = 4096;

struct Health {
  uint8_t state = 2;  // GARITA_HEALTH_*
  std::string text;
};

struct Calibration {
  std::vector<double> dark, air;  // counts; the same size
};

struct Begin {
  int64_t time_utc_ns = 0;
  uint16_t columns = 0;
  uint32_t pitch_um = 0;
  std::string key;  // unique per device for ever
  std::string plate;
};

struct Line {
  uint16_t counter = 0;
  std::vector<uint16_t> counts;
};

struct End {
  uint32_t lines = 0;
};

// What is no message: why, as the rest of a sentence.
struct Damage {
  std::string why;
};

using Message = std::variant<Health, Calibration, Begin, Line, End, Damage>;

// The size of the frame that begins with this header; 0 where it is none.
size_t frame_bytes(Bytes header);

// Of a whole frame, frame_bytes() long; of no bytes a Damage.
Message decode(Bytes frame);

// One frame. Texts of at most 255 bytes; a Damage becomes nothing.
std::vector<std::byte> encode(const Message& message);

}  // namespace wire
