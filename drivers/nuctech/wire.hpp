// The portal's messages: bytes <-> structs. Pure, no I/O; both directions, so that the simulator speaks it
// too.
//
// Every message is the payload of one frame (frame.hpp). Little-endian, without padding. `text` is a u8
// charset (0 UTF-8, 1 GB18030), a u16 size in bytes, and that many bytes. `clock` is i64 milliseconds since
// 1970-01-01T00:00 *of the device's local time*, 0 unknown: UTC = clock − zone. A payload holds its fields
// and not a byte more.
//
// device -> host
//   0x01 GREETING     u16 protocol (1) · i16 zone_min · i64 clock
//                     · text vendor, model, serial, firmware, station                    first of all
//   0x02 STATUS       u8 state 1 warming up 2 ready 3 scanning 4 interlock open 5 fault
//                     · u32 code · i64 clock · text          at least every 2 s where nothing else goes
//   0x03 CALIBRATION  u32 id · i64 clock · u16 columns n · u32 averaged
//                     · u32 sums[n][4]: dark high, air high, dark low, air low, of `averaged` pulses each
//   0x04 SCAN_BEGIN   text key · i64 clock · u32 calibration_id · u16 columns n · u32 high_kev, low_kev
//                     · u32 pitch_across_um, pulse_pitch_um · u8 source_side 1 left 2 right
//                     · u8 detector_zero 1 top 2 bottom · u8 travel 1 front first 2 rear first
//                     · u8 direction 0 unknown 1 entering 2 leaving
//                     · text plate, container, operator, remarks
//   0x05 BLOCK        u32 first_pulse · u16 pulses p · i64 clock · u32 pulse_us · u16 dose_q15[p]
//                     · u16 raw[n][p]: detector by detector, pulse by pulse; even high, odd low
//   0x06 VERDICT      u8 verdict 1 clear 2 suspect 3 unable · u16 findings (≤ 64) · findings ×
//                     (text code · text label · u32 x0, x1 · u16 y0, y1 · u8 percent, 255 unknown)
//                     x counts pulses of the scan, y detectors from the top; half-open
//   0x07 SCAN_END     u8 outcome 1 complete 2 aborted 3 fault · u32 pulses sent · i64 clock · text reason
// host -> device
//   0x81 START        u16 protocol (1)            answers GREETING: send what is not acknowledged
//   0x82 CALIBRATE    u32 id                      send this calibration (again)
//   0x83 GO           text key                    answers SCAN_BEGIN: send its blocks
//   0x84 STORED       u8 outcome 1 stored 2 duplicate 3 dropped by policy 4 not stored · text key
//
// A scan's pulses are counted from 0; a gap is a number of lost pulses. p is even: a block holds whole pairs.
// A scan that is not acknowledged comes again, under the same key, at the next START.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "drivers/nuctech/frame.hpp"
#include "garita/status.h"

namespace garita::nuctech {

inline constexpr uint16_t protocol_version = 1;
inline constexpr uint32_t max_columns = 2048;
inline constexpr uint32_t max_pulses = 256;  // of one block
inline constexpr uint32_t max_averaged = 65536;
inline constexpr size_t max_text_bytes = 1024;
inline constexpr size_t max_key_bytes = 128;
inline constexpr size_t max_findings = 64;

enum class Type : uint16_t {
  greeting = 0x01,
  status,
  calibration,
  scan_begin,
  block,
  verdict,
  scan_end,
  start = 0x81,
  calibrate,
  go,
  stored
};

enum class Charset : uint8_t { utf8, gb18030 };

struct Text {
  Charset charset = Charset::utf8;
  std::string bytes = {};
};

struct Greeting {
  static constexpr Type type = Type::greeting;
  uint16_t protocol = protocol_version;
  int16_t zone_min = 0;  // the device's local time is so much ahead of UTC
  int64_t clock_ms = 0;
  Text vendor, model, serial, firmware, station;
};

struct Status {
  static constexpr Type type = Type::status;
  uint8_t state = 2;  // GARITA_HEALTH_*
  uint32_t code = 0;
  int64_t clock_ms = 0;
  Text message;
};

struct Calibration {
  static constexpr Type type = Type::calibration;
  uint32_t id = 0;  // never 0
  int64_t clock_ms = 0;
  uint16_t columns = 0;
  uint32_t averaged = 1;       // 1 … max_averaged
  std::vector<uint32_t> sums;  // [column][dark high, air high, dark low, air low], each ≤ 65535 · averaged
};

struct ScanBegin {
  static constexpr Type type = Type::scan_begin;
  Text key;  // 1 … 128 bytes of UTF-8, unique per device for ever
  int64_t clock_ms = 0;
  uint32_t calibration_id = 0;
  uint16_t columns = 0;
  uint32_t high_kev = 0, low_kev = 0;
  uint32_t pitch_across_um = 0, pulse_pitch_um = 0;  // the second: how far the lorry goes from pulse to pulse
  uint8_t source_side = 1;                           // GARITA_SOURCE_LEFT, _RIGHT
  uint8_t detector_zero = 2;                         // GARITA_COLUMN_ZERO_TOP, _BOTTOM
  uint8_t travel = 1;                                // GARITA_ROW_ZERO_*
  uint8_t direction = 0;
  Text plate, container, operator_name, remarks;
};

struct Block {
  static constexpr Type type = Type::block;
  uint32_t first_pulse = 0;
  uint16_t pulses = 0;
  int64_t clock_ms = 0;  // of the first pulse
  uint32_t pulse_us = 0;
  std::vector<uint16_t> dose_q15;  // one a pulse; 32768: the calibration's mean
  std::span<const std::byte> raw;  // u16 [column][pulse], into the payload, maybe unaligned
};

struct Finding {
  Text code, label;
  uint32_t x0 = 0, x1 = 0;
  uint16_t y0 = 0, y1 = 0;
  uint8_t percent = 255;
};

struct Verdict {
  static constexpr Type type = Type::verdict;
  uint8_t verdict = 1;
  std::vector<Finding> findings;
};

struct ScanEnd {
  static constexpr Type type = Type::scan_end;
  uint8_t outcome = 1;  // GARITA_SCAN_*
  uint32_t pulses = 0;
  int64_t clock_ms = 0;
  Text reason;
};

struct Start {
  static constexpr Type type = Type::start;
  uint16_t protocol = protocol_version;
};

struct Calibrate {
  static constexpr Type type = Type::calibrate;
  uint32_t id = 0;
};

struct Go {
  static constexpr Type type = Type::go;
  Text key;
};

struct Stored {
  static constexpr Type type = Type::stored;
  uint8_t outcome = 1;  // GARITA_STORED_*
  Text key;
};

using Message = std::variant<Greeting, Status, Calibration, ScanBegin, Block, Verdict, ScanEnd, Start,
                             Calibrate, Go, Stored>;

// A message, or why there is none. status: OK, or PROTOCOL_ERROR where the bytes arrived whole (the frame's
// sums are right) but say what the protocol does not have; why is then the sentence's rest: "BLOCK of 3
// bytes …".
struct Decoded {
  garita_status status = GARITA_OK;
  std::string why;
  Message message;
};

// block.raw points into frame.payload. A block's size is held against SCAN_BEGIN by fits().
Decoded decode(const Frame& frame);

// Appends the message as one frame. Texts and lists longer than their limits are cut; columns and pulses are
// the caller's duty.
void encode(FrameWriter& frames, const Message& message, std::vector<std::byte>& out);

bool fits(const Block& block, const ScanBegin& scan);

}  // namespace garita::nuctech
