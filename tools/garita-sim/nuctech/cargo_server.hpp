// The cargo portal's end of the wire: connections come and go, scans stay until they are acknowledged.
#pragma once

#include <cstdint>
#include <deque>
#include <filesystem>
#include <functional>
#include <map>
#include <string>

#include "core/base/result.hpp"
#include "tools/garita-sim/listener.hpp"
#include "tools/garita-sim/nuctech/cargo_source.hpp"
#include "tools/garita-sim/nuctech/fault.hpp"
#include "tools/garita-sim/report.hpp"

namespace garita::sim {

struct CargoServerOptions {
  Endpoint endpoint;
  std::filesystem::path port_file;  // the port in decimal, once it listens; may be empty
  std::string serial = "CP74-00000";
  uint64_t count = 0;             // ends when as many scans are acknowledged; 0: never
  double rate_per_h = 0;          // vehicles an hour; 0: as fast as the host takes them
  uint32_t scans_a_shift = 8;     // then dark and air are measured anew
  uint32_t pulses_a_block = 128;  // even, at most nuctech::max_pulses
  Fault fault;
  std::function<void(uint16_t port)> listening;  // called once it does; may be empty
};

// A scan that was begun and is not acknowledged: sent again, as it was, at the next START.
struct PendingCargo {
  uint64_t number = 0;
  std::string key;
  uint32_t shift = 0;          // whose calibration it names
  int64_t begun_clock_ms = 0;  // 0: not yet
};

// What the device remembers from one connection to the next.
struct CargoLedger {
  std::deque<PendingCargo> pending;         // oldest first
  std::map<uint32_t, int64_t> shift_clock;  // when each shift's calibration was measured
  std::string run;                          // when the device was switched on: part of every key
  uint64_t begun = 0, acknowledged = 0;
  Saboteur saboteur;
};

// Listens, says so (event "listening"), serves one connection after the other until count scans are
// acknowledged. Blocks. Errors: sim.cannot_listen {address, reason}, and those of the source.
base::Result<void> serve_cargo(CargoSource& source, const CargoServerOptions& options, const Report& report);

}  // namespace garita::sim
