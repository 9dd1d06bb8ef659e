// A wall clock's reading as a moment of UTC. A driver has no time zone database, so the zones along the
// border and the rules that hold there today are a table; where the sidecar states an offset, that counts,
// and the table only checks it.
#pragma once

#include <string>
#include <string_view>

#include "garita/time.hpp"

namespace garita::leidos {

// What a sidecar says of one moment; empty where it does not.
struct WallClock {
  std::string_view reading;       // "2026-11-01T01:30:12.250"
  std::string_view zone;          // "America/Tijuana"
  std::string_view offset;        // "-07:00": local time minus UTC
  std::string_view abbreviation;  // "PDT"
};

struct Resolved {
  Time time = {};
  std::string doubt;  // why the moment is uncertain; empty where it is not
};

// Certain: a stated offset that the zone has at that time, or a zone that leaves one choice.
// Uncertain by an hour: an hour that comes twice (the earlier is taken) or never, or an offset that the zone
// does not have. Uncertain by 14 h, taken as UTC: neither offset nor known zone. Unknown: no such reading.
Resolved resolve(const WallClock& clock);

}  // namespace garita::leidos
