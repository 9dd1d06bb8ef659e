// The lines of a VM-250 radiation portal: text <-> structs. Pure, no I/O; both directions, so that the
// simulator speaks it too.
//
// CODE,field,field,… CRLF (or LF). A count is six digits, padded with zeros, one for each panel in the order
// of Panel. A daily file puts one or two times of day behind the fields: HH-MM-SS.mmm local, then UTC.
//
//   unoccupied   GB,n,n,n,n  gamma background      GH GL  gamma fault high, low
//                NB,n,n,n,n  neutron background    NH     neutron fault high
//   occupied     GS,n,n,n,n  gamma of 200 ms       GA     the same, in alarm
//                NS,n,n,n,n  neutrons of 1 s       NA     the same, in alarm
//   end of it    GX,occupancy,neutron background × 1000,000000,000000
//   speed        SP,s/ft,mph,km/h,000000
//   tamper       TC,f,f,f,f  clear                 TT     set
//   setup        SG1,high fault,low fault,intervals,hold-in,sigmas,P
//                SG2,detectors,LLD,ULD,relay,algorithms,A|T      algorithms: SUM HORIZONTAL VERTICAL SINGLE,
//                a bit each SG3,LLD,ULD,background time,background sigma,firmware SN1,high
//                background,intervals,alpha,z max,sequential intervals,background time SN2,LLD,ULD,LLD,ULD,PP
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace garita::vm250 {

inline constexpr size_t panels = 4;
inline constexpr size_t max_line_bytes = 512;
inline constexpr uint64_t gamma_interval_ns = 200'000'000, neutron_interval_ns = 1'000'000'000;

enum class Panel : uint8_t { master_upper, master_lower, secondary_lower, secondary_upper };
std::string_view name(Panel panel);

// Why a line is no record; it has a name that people read: "blank line", "unterminated quote".
enum class Refusal : uint8_t {
  none,
  blank,
  too_long,      // more than max_line_bytes
  not_text,      // bytes that are not printable ASCII
  quote,         // a quotation mark without its partner
  unknown_code,  // no line of this family
  field_count,
  field_form,  // a count that is not six digits, a number that is none
};
std::string_view name(Refusal refusal);

using Four = std::array<uint32_t, panels>;

struct Counts {
  enum class State : uint8_t { background, high_fault, low_fault, scan, alarm };
  bool neutron = false;
  State state = State::background;
  Four counts = {};
  bool occupied() const { return state == State::scan || state == State::alarm; }
};

// A GX of too few fields still ends its occupancy: only what it holds is known.
struct OccupancyEnd {
  std::optional<uint32_t> number;
  std::optional<double> neutron_background;
};

struct Tamper {
  bool set = false;
};

struct Speed {
  double s_per_ft = 0, mph = 0, kph = 0;
};

// One line of setup, as it was said; the fields that the alarm's formula needs are in Setup.
struct SetupLine {
  std::string code;  // "SG1"
  std::string text;  // its fields, with their commas
  std::vector<std::string> fields;
};

// What the formula needs: SG1's and SG2's.
struct Setup {
  uint32_t intervals = 0;  // of 200 ms, in one window
  double sigmas = 0;
  std::array<bool, panels> detectors = {true, true, true, true};
  bool sum = false, horizontal = false, vertical = false, single = false;
  bool known() const { return intervals > 0 && sigmas > 0 && (sum || horizontal || vertical || single); }
  void take(const SetupLine& line);
};

// Milliseconds since midnight.
struct Stamps {
  std::optional<uint32_t> local_ms, utc_ms;
};

using Message = std::variant<std::monostate, Counts, OccupancyEnd, Tamper, Speed, SetupLine>;

struct Parsed {
  Refusal refusal = Refusal::none;
  std::string detail;  // of a refusal: "GX with 1 field where 4 belong"
  Message message;     // there without a refusal, and for a GX that is too short
  Stamps stamps;
};

// One line without its end. Never throws but for want of memory.
Parsed parse(std::string_view line);

// True for a line of the spectroscopic portals' daily files, whose codes are the same and mean something
// else.
bool is_spectroscopic(std::string_view line);

// The line without its end; stamps behind it where they are given. Counts above 999999 are cut there.
std::string format(const Message& message, const Stamps& stamps = {});

}  // namespace garita::vm250
