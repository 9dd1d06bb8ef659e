// The cabinet's messages: bytes <-> structs. Pure, no I/O; both directions, so that the simulator speaks it
// too.
//
// Every message is the body of one frame (frame.hpp). Little-endian, without padding. `text` is a u8 size and
// that many bytes of UTF-8. Moments are i64 µs of the device's own clock since 1970, within ± 2^52; CLOCK
// tells how far that clock is off.
//
// device -> host
//   0x10 IDENTITY  u16 protocol (2) · text model, serial, firmware · u8 views v (1 … 2) · v × {
//                  u16 columns · u32 pitch_across_um, pitch_along_um · u8 source_side 1 left 2 right 3 top
//                  4 bottom · u8 column_zero 1 top 2 bottom 3 left 4 right · i16 angle_deg10 · u16 high_kv ·
//                  u16 low_kv (0: one energy) · u8 scale 1 transmission 2 attenuation · f64 slope ·
//                  f64 intercept · u8 operator channel 0 1 }                               first of all
//   0x11 CLOCK     i64 device_us · i64 offset_us, UTC − device (INT64_MIN: not known)      after each step
//   0x12 STATE     u8 state 1 warming up 2 ready 3 scanning 4 interlock open 5 fault · u16 code · text
//   0x13 BELT      u8 motion 1 forward 2 stopped 3 reverse · i64 device_us
//   0x14 BAG       text key · i64 device_us · u8 subject 1 bag 2 conveyance 3 cargo · text papers
//   0x15 LINE      u32 line · u32 after_us since BAG · samples                             view in the frame
//   0x16 FOUND     u8 code · u8 confidence, % · text label · u8 points p (3 … 64) ·
//                  p × { u16 column · u32 line }                                           view in the frame
//   0x17 BAG_END   u8 outcome 1 complete 2 aborted 3 fault · i64 device_us · u32 lines of view 0, of view 1 ·
//                  text reason
//   0x18 ALIVE     i64 device_us                                  at least every 2 s where nothing else goes
// host -> device
//   0x90 RUN       u16 protocol (2)                  answers IDENTITY: send the bags that are not done
//   0x91 DONE      u8 outcome 1 stored 2 duplicate 3 dropped by policy 4 not stored · text key
//
// samples: 12 bits each, corrected by the device, packed two in three bytes: the first one's low 8 bits; its
// high 4 (low half) and the second one's low 4 (high half); the second one's high 8. All columns of the high
// energy, then all of the low one, without a gap between, and the last byte filled up with 0. Behind them,
// where the view has an operator channel, one byte a column.
//
// line counts the belt's encoder steps since the device was switched on and wraps at 2^32. It falls only
// after BELT said reverse: then lines come again that were there already. papers:
// "TAG=…;AWB=…;FLT=…;ULD=…;PLT=…".
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "drivers/astrophysics/frame.hpp"
#include "garita/status.h"

namespace garita::astrophysics {

inline constexpr uint16_t protocol_version = 2;
inline constexpr size_t max_views = 2;
inline constexpr uint32_t max_columns = 3000;  // two energies and an operator channel fill a frame: 4 × 3000
inline constexpr size_t max_points = 64;
inline constexpr size_t max_key_bytes = 128;
inline constexpr int64_t unknown_us = INT64_MIN;
inline constexpr int64_t max_clock_us = int64_t{1} << 52;

enum class Type : uint8_t {
  identity = 0x10,
  clock,
  state,
  belt,
  bag,
  line,
  found,
  bag_end,
  alive,
  run = 0x90,
  done
};

enum class Scale : uint8_t { transmission = 1, attenuation };

// One generator and its detectors.
struct ViewForm {
  uint16_t columns = 1;
  uint32_t pitch_across_um = 0, pitch_along_um = 0;
  uint8_t source_side = 1, column_zero = 1;  // GARITA_SOURCE_*, GARITA_COLUMN_ZERO_*
  int16_t angle_deg10 = 0;
  uint16_t high_kv = 160, low_kv = 0;
  Scale scale = Scale::transmission;
  double slope = 1, intercept = 0;  // value = slope · stored + intercept
  bool operator_channel = false;

  uint32_t energies() const { return low_kv == 0 ? 1 : 2; }
  size_t packed_bytes() const { return (size_t{columns} * energies() * 3 + 1) / 2; }
  size_t line_bytes() const { return packed_bytes() + (operator_channel ? columns : 0u); }
};

struct Identity {
  uint16_t protocol = protocol_version;
  std::string model, serial, firmware;
  std::vector<ViewForm> views;
};

struct Clock {
  int64_t device_us = 0, offset_us = unknown_us;
};

struct State {
  uint8_t state = 2;  // GARITA_HEALTH_*
  uint16_t code = 0;
  std::string message;
};

enum class Motion : uint8_t { forward = 1, stopped, reverse };

struct Belt {
  Motion motion = Motion::forward;
  int64_t device_us = 0;
};

enum class Subject : uint8_t { bag = 1, conveyance, cargo };

struct Bag {
  std::string key;  // 1 … 128 bytes, unique per device for ever
  int64_t device_us = 0;
  Subject subject = Subject::bag;
  std::string papers;
};

struct Line {
  uint8_t view = 0;
  uint32_t line = 0, after_us = 0;
  std::span<const std::byte> samples;  // into the body
};

struct Point {
  uint16_t column = 0;
  uint32_t line = 0;
};

struct Found {
  uint8_t view = 0;
  uint8_t code = 0, confidence_percent = 0;
  std::string label;
  std::vector<Point> points;
};

struct BagEnd {
  uint8_t outcome = 1;  // GARITA_SCAN_*
  int64_t device_us = 0;
  uint32_t lines[max_views] = {};  // that came for the first time
  std::string reason;
};

struct Alive {
  int64_t device_us = 0;
};

struct Run {
  uint16_t protocol = protocol_version;
};

struct Done {
  uint8_t outcome = 1;  // GARITA_STORED_*
  std::string key;
};

using Message = std::variant<Identity, Clock, State, Belt, Bag, Line, Found, BagEnd, Alive, Run, Done>;

// A message, or why there is none. status: OK, or PROTOCOL_ERROR where the bytes arrived whole but say what
// the protocol does not have; why is then the sentence's rest: "a LINE of 3 bytes …".
struct Decoded {
  garita_status status = GARITA_OK;
  std::string why;
  Message message;
};

// line.samples points into frame.body; its size is held against the view by the caller (line_bytes()).
Decoded decode(const Frame& frame);

// Appends the message as one frame. Texts longer than 255 bytes are cut; the rest is the caller's duty.
void encode(FrameWriter& frames, const Message& message, std::vector<std::byte>& out);

// out.size() samples from number `first` on. The caller has checked that they are there.
void unpack(std::span<const std::byte> packed, size_t first, std::span<uint16_t> out);

// Appends samples, each < 4096.
void pack(std::span<const uint16_t> samples, std::vector<std::byte>& out);

}  // namespace garita::astrophysics
