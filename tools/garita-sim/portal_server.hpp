// The portal's end of the wire: connections come and go, scans stay until they are acknowledged.
#pragma once

#include <cstdint>
#include <deque>
#include <filesystem>
#include <functional>
#include <string>

#include "core/base/result.hpp"
#include "tools/garita-sim/listener.hpp"
#include "tools/garita-sim/portal_source.hpp"
#include "tools/garita-sim/report.hpp"

namespace garita::sim {

struct PortalOptions {
  Endpoint endpoint;
  std::filesystem::path port_file;  // the port in decimal, once it listens; may be empty
  std::string serial = "SP64-00000";
  uint64_t count = 0;             // ends when as many scans are acknowledged; 0: never
  uint32_t interval_ms = 0;       // between two scans
  double lines_per_s = 0;         // 0: as fast as the host takes them
  uint32_t drop_after_lines = 0;  // > 0: breaks the first connection in its first scan, after as many lines
};

// A scan that was begun and is not acknowledged: sent again, as it was, at the next START.
struct Pending {
  uint64_t number = 0;
  std::string key;
  int64_t begun_utc_ns = 0;  // 0: not yet
};

// What the device remembers from one connection to the next.
struct Ledger {
  std::deque<Pending> pending;  // oldest first
  std::string run;              // when the device was switched on: part of every key
  uint64_t begun = 0, acknowledged = 0;
  uint32_t line_index = 0xFFFFFFFFu - 999;  // of the device's next line: wraps in its first scan
  uint32_t calibration_id = 0;
  bool dropped = false;  // drop_after_lines has struck
};

// Listens, says so (event "listening"), serves one connection after the other until count scans are
// acknowledged. Blocks. Errors: sim.cannot_listen {address, reason}, and those of the source.
base::Result<void> serve_portal(PortalSource& source, const PortalOptions& options, const Report& report);

}  // namespace garita::sim
