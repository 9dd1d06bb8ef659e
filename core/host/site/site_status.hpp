// What a running site can be asked: a number for everything that was done, kept while its lanes are started
// again.
#pragma once

#include <sys/types.h>

#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

namespace garita::host {

// Of one device of a lane.
//
//   opening ──> running ──> opening …          its device is lost, or its worker is started again
//   any ──> waiting (after an error, opened again after a pause), failed (its worker died too often; tried
//   again after minutes), quarantined (until a person releases its driver), ended (a source that ends, such
//   as a file), stopped
enum class DeviceState : uint8_t {
  opening,
  running,
  restarting,
  waiting,
  failed,
  quarantined,
  ended,
  stopped
};
const char* name_of(DeviceState state);  // "running"
inline constexpr size_t device_states = 8;

// Counts only grow. Any thread.
struct DeviceCounters {
  std::atomic<DeviceState> state{DeviceState::opening};
  std::atomic<uint64_t> scans{0}, incomplete{0}, duplicates{0}, joined{0}, dropped{0}, refused{0},
      passed_over{0}, suspects{0};
  std::atomic<uint64_t> restarts{0}, breaches{0}, troubles{0}, raw_bytes{0}, openings{0};
  std::atomic<uint64_t> rows{0};             // of the scan under way
  std::atomic<int64_t> last_scan_utc_ns{0};  // when the last was recorded; 0: none yet
  std::atomic<pid_t> worker{-1};
};

// A copy of them.
struct DeviceStatus {
  std::string lane, device, driver, version;
  DeviceState state = DeviceState::opening;
  uint64_t scans = 0, incomplete = 0, duplicates = 0, joined = 0, dropped = 0, refused = 0, passed_over = 0,
           suspects = 0;
  uint64_t restarts = 0, breaches = 0, troubles = 0, raw_bytes = 0, openings = 0, rows = 0;
  int64_t last_scan_utc_ns = 0;
  pid_t worker = -1;
};

struct SiteStatus {
  std::string site;
  int64_t started_utc_ns = 0;
  uint64_t reloads = 0, reloads_refused = 0;
  std::vector<DeviceStatus> devices;  // sorted by lane and device
};

// Resident bytes of a process and, where `below`, of all that its first thread started; 0 where it is gone.
uint64_t resident_bytes(pid_t process, bool below = true);

}  // namespace garita::host
