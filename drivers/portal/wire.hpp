// The portal's messages: bytes <-> structs. Pure, no I/O; both directions, so that the simulator speaks it
// too.
//
// Every message is the payload of one frame (frame.hpp). Little-endian, without padding. `text` is a u16 size
// in bytes and that many bytes of UTF-8; times are i64 ns since 1970 UTC, INT64_MIN unknown. A payload holds
// its fields and not a byte more.
//
// device -> host
//   0x01 HELLO        u16 protocol (1) · i64 clock · i32 zone_s
//                     · text vendor, model, serial, firmware                          first of all
//   0x02 HEALTH       u8 state 1 warming up 2 ready 3 scanning 4 interlock open 5 fault
//                     · u32 code · i64 clock · text
//   0x03 HEARTBEAT    i64 clock                            at least every 2 s where nothing else goes
//   0x04 CALIBRATION  u32 id · i64 time · u8 channels c · u32 columns n · u32 averaged
//                     · u32 dark[c][n] · u32 air[c][n], in 1/256 counts   before the scan that names it
//   0x05 SCAN_BEGIN   text key · i64 time · u32 calibration_id · u32 columns n · u8 channels c
//                     · u32 energy_kev[c] · u32 pitch_across_um, pitch_along_um
//                     · u8 source_side 1 left 2 right · u8 column_zero 1 top 2 bottom
//                     · u8 row_zero 1 front 2 rear · u16 facts · facts × (u8 tag · text)
//   0x06 LINE         u32 index · u32 dose_q16 · i64 time · i64 position_um · u16 raw[c][n]
//   0x07 SCAN_END     u8 outcome 1 complete 2 aborted 3 fault · u32 lines sent · i64 time · text reason
// host -> device
//   0x81 START        u16 protocol (1)            answers HELLO: send what is not acknowledged
//   0x82 ACK          u8 outcome 1 stored 2 duplicate 3 dropped by policy 4 not stored · text key
//
// c = 2: high energy first, then low; c = 1: one energy. A line's index counts lines since the device was
// switched on and wraps at 2^32; a gap is a number of lost lines. A scan that is not acknowledged comes
// again, under the same key, at the next START.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "drivers/portal/frame.hpp"
#include "garita/status.h"

namespace garita::portal {

inline constexpr uint16_t protocol_version = 1;
inline constexpr uint32_t max_columns = 4096;
inline constexpr uint32_t max_channels = 2;
inline constexpr size_t max_text_bytes = 1024;
inline constexpr size_t max_key_bytes = 128;
inline constexpr size_t max_facts = 64;

enum class Type : uint16_t {
  hello = 0x01,
  health,
  heartbeat,
  calibration,
  scan_begin,
  line,
  scan_end,
  start = 0x81,
  acknowledge = 0x82
};

struct Hello {
  uint16_t protocol = protocol_version;
  int64_t clock_utc_ns = 0;
  int32_t zone_s = 0;
  std::string vendor, model, serial, firmware;
};

struct Health {
  uint8_t state = 2;  // GARITA_HEALTH_*
  uint32_t code = 0;
  int64_t clock_utc_ns = 0;
  std::string message;
};

struct Heartbeat {
  int64_t clock_utc_ns = 0;
};

struct Calibration {
  uint32_t id = 0;  // never 0
  int64_t time_utc_ns = 0;
  uint32_t columns = 0, averaged = 0;
  std::vector<std::vector<uint32_t>> dark, air;  // a channel each; 1/256 counts
};

// What a fact of SCAN_BEGIN is about. A tag that is not here is passed over.
enum class Fact : uint8_t {
  plate = 1,
  plate_country,
  plate_state,
  container,
  pedimento,
  cbp_entry,
  carrier,
  ace_trip,
  shipment,
  hs_code,
  goods
};

struct ScanBegin {
  std::string key;  // 1 … 128 bytes, unique per device for ever
  int64_t time_utc_ns = 0;
  uint32_t calibration_id = 0, columns = 0;
  std::vector<uint32_t> energy_kev;  // one a channel, the highest first
  uint32_t pitch_across_um = 0, pitch_along_um = 0;
  uint8_t source_side = 1;  // GARITA_SOURCE_LEFT, _RIGHT
  uint8_t column_zero = 1;  // GARITA_COLUMN_ZERO_TOP, _BOTTOM
  uint8_t row_zero = 1;     // GARITA_ROW_ZERO_*
  std::vector<std::pair<uint8_t, std::string>> facts;
};

struct Line {
  uint32_t index = 0, dose_q16 = 0;
  int64_t time_utc_ns = 0, position_um = 0;
  std::span<const std::byte>
      samples;  // u16 of all channels, one after the other; into the payload, maybe unaligned
};

struct ScanEnd {
  uint8_t outcome = 1;  // GARITA_SCAN_*
  uint32_t lines = 0;
  int64_t time_utc_ns = 0;
  std::string reason;
};

struct Start {
  uint16_t protocol = protocol_version;
};

struct Acknowledge {
  uint8_t outcome = 1;  // GARITA_STORED_*
  std::string key;
};

using Message =
    std::variant<Hello, Health, Heartbeat, Calibration, ScanBegin, Line, ScanEnd, Start, Acknowledge>;

// A message, or why there is none. status: OK, or PROTOCOL_ERROR where the bytes arrived whole (the frame's
// sums are right) but say what the protocol does not have; message is then the sentence's rest: "a LINE of 3
// bytes".
struct Decoded {
  garita_status status = GARITA_OK;
  std::string why;
  Message message;
};

// line.samples points into frame.payload. A Line's size is held against SCAN_BEGIN by fits().
Decoded decode(const Frame& frame);

bool fits(const Line& line, const ScanBegin& scan);

// Appends the message as one frame. Texts longer than their limit are cut, columns and channels are the
// caller's duty.
void encode(FrameWriter& frames, const Message& message, std::vector<std::byte>& out);

// Counts that wrap at 2^32 made strictly increasing.
class LineCounter {
 public:
  void restart() { started_ = false; }

  // false: the line stands still or goes back (a step of 2^31 or more), and the counter does not move.
  bool unwrap(uint32_t index, uint64_t& unwrapped);

 private:
  bool started_ = false;
  uint64_t last_ = 0;
};

}  // namespace garita::portal
