// What the gantry says: payloads of control frames, and line datagrams. Pure, no I/O; both directions, so
// that the simulator speaks it too.
//
// Everything big-endian, without padding. `text` is a u16 size in bytes and that many bytes of UTF-8. `date`
// is a text, months first, twelve hours, with its zone: "11/22/2026 04:05:06.250 PM -07:00"; empty where the
// gantry does not know.
//
// control, gantry -> host
//   0x0001 HELLO        u16 protocol (1) · u32 session · u32 boots · date · text vendor, model, serial,
//   firmware 0x0002 STATUS       u8 state 1 warming up 2 ready 3 scanning 4 interlock open 5 fault
//                       · u8 registered 0 nobody to send lines to 1 somebody · u32 code · date · text   at
//                       least every second
//   0x0003 CALIBRATION  u32 id · date · u8 energies e · u16 columns n · u32 averaged
//                       · u32 dark[e][n] · u32 air[e][n], in 1/256 counts; high energy first
//   0x0004 SCAN_START   u32 scan · date · u32 calibration · u8 mode 1 both energies in a datagram 2 in turn,
//   high first
//                       · u16 columns n · u32 high_kev, low_kev · u32 pitch_across_um, line_pitch_um
//                       · u32 pulse_rate_mhz · u32 first_sequence, first_pulse · u8 direction 1 front first 2
//                       rear first · u8 source_side 1 left 2 right · u8 column_zero 1 top 2 bottom · u32
//                       sensor_gap_um · u8 axles · axles × (u32 pulse_a, pulse_b) · u8 facts × (u8 tag ·
//                       text)
//   0x0005 SCAN_END     u32 scan · u8 outcome 1 complete 2 aborted 3 fault · u32 datagrams · u32 last_pulse ·
//   date · text
//   0x0006 FOUND        u32 scan · u8 confidence, % (255: it gives none) · text code, label
//                       · u32 first_line, lines · u16 first_column, columns     what its own algorithm marks,
//                       between SCAN_START and SCAN_END; lines count from the scan's start, lost ones too;
//                       without a place: columns 0
// control, host -> gantry
//   0x0081 ARM          u16 protocol (1) · u16 lines_port 0: lines go where REGISTER came from
//   0x0082 PROGRESS     u32 scan · u32 sequence     the last line datagram that came: the gantry runs a
//   bounded way ahead
// datagrams, gantry -> host
//   LINE      "RGL1" · u32 scan · u32 sequence · u32 pulse · u32 dose_q16 · u8 energy 0 both 1 high 2 low ·
//   u8 0
//             · u16 columns n · u16 raw[n] or raw[2n] · u32 CRC-32 of all before
// datagrams, host -> gantry
//   REGISTER  "RGR1" · u32 session
//
// Sequences count line datagrams since the gantry was switched on and wrap at 2^32, as pulses do. A line of
// mode 2 is two datagrams, the even one of a scan (from first_sequence) high, the odd one low.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "drivers/rapiscan/frame.hpp"
#include "garita/status.h"

namespace garita::rapiscan {

inline constexpr uint16_t protocol_version = 1;
inline constexpr uint32_t max_columns = 4096;
inline constexpr size_t max_text_bytes = 512, max_axles = 64, max_facts = 64, max_found = 64;
inline constexpr uint8_t no_confidence = 255;
inline constexpr size_t line_header_bytes = 24, line_sum_bytes = 4;
inline constexpr int64_t utc_unknown = INT64_MIN;
inline constexpr int32_t zone_unknown = INT32_MIN;

enum class Type : uint16_t {
  hello = 1,
  status,
  calibration,
  scan_start,
  scan_end,
  found,
  arm = 0x81,
  progress = 0x82,
};

struct Date {
  int64_t utc_ns = utc_unknown;
  int32_t zone_s = zone_unknown;
};

// Nothing for what is no such date; the empty text is unknown. Milliseconds are kept.
std::optional<Date> parse_date(std::string_view text);
std::string format_date(const Date& date);

struct Hello {
  uint16_t protocol = protocol_version;
  uint32_t session = 0;  // of this connection: names it in REGISTER
  uint32_t boots = 0;    // how often it was switched on: part of every scan's key
  Date clock;
  std::string vendor, model, serial, firmware;
};

struct Status {
  uint8_t state = 2;  // GARITA_HEALTH_*
  uint8_t registered = 0;
  uint32_t code = 0;
  Date clock;
  std::string message;
};

struct Calibration {
  uint32_t id = 0;
  Date measured;
  uint16_t columns = 0;
  uint32_t averaged = 0;
  std::vector<std::vector<uint32_t>> dark, air;  // an energy each; 1/256 counts
};

// What a fact is about; a tag that is not here is passed over.
enum class Fact : uint8_t {
  train = 1,
  rail_car,
  place_in_train,
  container,
  pedimento,
  cbp_entry,
  carrier,
  hs_code,
  goods,
  plate,
  plate_country,
  plate_state,
};

// When an axle passed the two wheel sensors before the beam, in pulses.
struct Axle {
  uint32_t pulse_a = 0, pulse_b = 0;
};

struct ScanStart {
  uint32_t scan = 0;
  Date begun;
  uint32_t calibration = 0;
  uint8_t mode = 1;  // datagrams a line
  uint16_t columns = 0;
  uint32_t high_kev = 0, low_kev = 0;
  uint32_t pitch_across_um = 0, line_pitch_um = 0;
  uint32_t pulse_rate_mhz = 0;
  uint32_t first_sequence = 0, first_pulse = 0;
  uint8_t direction = 1, source_side = 1, column_zero = 1;
  uint32_t sensor_gap_um = 0;
  std::vector<Axle> axles;
  std::vector<std::pair<uint8_t, std::string>> facts;
};

struct ScanEnd {
  uint32_t scan = 0;
  uint8_t outcome = 1;     // GARITA_SCAN_*
  uint32_t datagrams = 0;  // sent
  uint32_t last_pulse = 0;
  Date ended;
  std::string reason;
};

struct Found {
  uint32_t scan = 0;
  uint8_t confidence = no_confidence;  // per cent
  std::string code, label;
  uint32_t first_line = 0, lines = 0;
  uint16_t first_column = 0, columns = 0;
};

struct Arm {
  uint16_t protocol = protocol_version;
  uint16_t lines_port = 0;
};

struct Progress {
  uint32_t scan = 0, sequence = 0;
};

using Message = std::variant<Hello, Status, Calibration, ScanStart, ScanEnd, Found, Arm, Progress>;

// A message, or why there is none: PROTOCOL_ERROR where the bytes came whole and say what the protocol does
// not have.
struct Decoded {
  garita_status status = GARITA_OK;
  std::string why;
  Message message;
};

Decoded decode(const Frame& frame);

// Appends the message as one frame. Longer texts are cut; columns, energies, axles and facts are the caller's
// duty.
void encode(FrameWriter& frames, const Message& message, std::vector<std::byte>& out);

enum class Energy : uint8_t { both, high, low };

struct Line {
  uint32_t scan = 0, sequence = 0, pulse = 0, dose_q16 = 0;
  Energy energy = Energy::both;
  uint16_t columns = 0;
  std::span<const std::byte> samples;  // big-endian u16, into the datagram
};

// Nothing for a datagram that is damaged or no LINE.
std::optional<Line> decode_line(std::span<const std::byte> datagram);

// samples: as many as energy and columns ask for, in host order.
std::vector<std::byte> encode_line(const Line& line, std::span<const uint16_t> samples);

std::vector<std::byte> encode_register(uint32_t session);
std::optional<uint32_t> decode_register(std::span<const std::byte> datagram);

// Big-endian samples as the ABI wants them.
void to_little_endian(std::span<const std::byte> samples, std::span<std::byte> out);

}  // namespace garita::rapiscan
