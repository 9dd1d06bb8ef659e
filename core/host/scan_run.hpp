// Runs one driver on its sources until the count is reached, the source ends, or somebody stops it.
#pragma once

#include <sys/types.h>

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "core/base/signature.hpp"
#include "core/broker/player.hpp"
#include "core/host/catalog_index.hpp"
#include "core/host/evidence.hpp"
#include "core/host/grants.hpp"
#include "core/host/lane_supervisor.hpp"
#include "core/host/scan_recorder.hpp"
#include "core/isolate/usage.hpp"
#include "core/isolate/wire/box.hpp"
#include "core/trust/admit.hpp"

namespace garita::host {

struct ScanOptions {
  load::Manifest manifest;
  broker::Broker::Sources sources;
  Configuration configuration;
  std::filesystem::path out;    // made where missing
  std::filesystem::path state;  // the site's state folder; its key signs
  std::optional<base::SigningKey> key;  // that key, where it was taken already
  std::string site, lane, instance, model;
  Deployment deployment;
  LanePlace place;
  uint64_t count = 0;           // scans and refusals; 0: no limit
  bool until_empty = false;     // the end of the source is the end of the run
  bool keep_incomplete = true;
  uint64_t patience_ms = 30000; // how long a lost device is opened again and again before the run gives up; 0: not once,
                                // and no worker is started again either
  uint32_t max_restarts = 5;    // of the worker, in a row: without a whole scan in between
  std::optional<isolate::Box> box;  // exactly this one; nullopt: the best that the machine gives, and none below …
  isolate::Box least_box = isolate::Box::B1;  // … this one
  trust::Policy trust;  // asked at each start of a worker, of the documents that lie in `state` then
  // Sources that are replay: addresses are played from one recording, as fast as the driver takes it or as then.
  broker::Player::Speed replay_speed = broker::Player::Speed::fast;
  bool deterministic = false;    // of a replay: its clock, and no chance: the same packages, byte by byte, each time
  unsigned coding_threads = 0;   // beside the run's own, for the tiles of the scan under way
  std::shared_ptr<CatalogIndex> catalog;  // that of all lanes of a program; null: the run opens its own, in the state folder
  std::filesystem::path record;  // where every stream of the run is recorded to; empty: nowhere
  const std::atomic<bool>* ending = nullptr;  // outlives the run; set: it ends where no scan is under way
  bool gdb = false;  // for a vendor: in B0, without a watchdog or restarts, and only when a debugger is attached
  bool in_process_unsafe = false;  // the driver inside this very process: for debugging, without any guarantee
};

// For each of so many devices at once: one where this machine has a core for it, else none.
unsigned coding_threads_for(size_t devices);

struct ScanSummary {
  // Where each file is one scan: files = packages + joined + refused + passed_over + earlier.
  uint64_t files = 0;        // of inboxes: objects, each with its siblings, and what was passed over
  uint64_t packages = 0;
  uint64_t joined = 0;       // files whose scan went into another's package, or was one already
  uint64_t refused = 0;
  uint64_t passed_over = 0;  // files that are not the driver's
  uint64_t earlier = 0;      // files that became a package or a refusal in a run before
  uint64_t incomplete = 0;   // of the packages
  uint64_t duplicates = 0;
  uint64_t dropped = 0;      // by policy
  uint64_t restarts = 0;     // of the worker
  isolate::Usage worker;     // all workers of the run, with their inits; known at its end
  std::vector<std::filesystem::path> crash_reports;  // written in this run, at most the last sixteen
};

// What a person may want to see while it runs. Calls come on the running thread, but log and attempted from any.
class ScanObserver : public AttemptObserver {
 public:
  virtual void began(const std::string& /*scan_key*/) {}
  virtual void progress(const std::string& /*scan_key*/, uint64_t /*rows*/) {}
  virtual void recorded(const Recorded& /*recorded*/) {}
  virtual void refused(const std::string& /*file*/, const base::Error& /*why*/) {}
  virtual void passed_over(const std::string& /*file*/, const base::Error& /*why*/) {}
  virtual void trouble(const base::Error& /*error*/, bool /*goes_on*/) {}
  virtual void health(const image::Health& /*health*/) {}
  virtual void log(uint32_t /*level*/, std::string_view /*text*/) {}
  virtual void state(LaneState /*now*/) {}  // where it changed
  virtual void worker(pid_t /*process*/) {}  // started; the worker, or its init where it has one
  virtual void awaits_debugger(pid_t /*worker*/, bool /*attached*/) {}
};

// stop: set from a signal handler or another thread; the scan under way is then cut and published as INCOMPLETE.
// A driver that crashes, hangs or lies costs the scan under way (INCOMPLETE, with its last good row), then a new worker is
// started. One that tries to leave its box is not: it is put into quarantine, and what it tried into the site's log.
// Errors: a driver in quarantine (host.quarantined), a box that is not reached (isolate.no_*), a driver that the trust policy
// does not admit (trust.*), driver or source could not be opened, the out folder cannot be written, the worker had to be started
// again too often (isolate.gave_up) or the device stayed away (Outcome::incomplete; what was recorded until then stays, and `summary` counts it).
base::Result<void> run_scan(const ScanOptions& options, const std::atomic<bool>& stop, ScanObserver& observer,
                            ScanSummary& summary);

}  // namespace garita::host
