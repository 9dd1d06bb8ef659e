// A whole site at work: a thread and a worker for each device of each lane, until it is stopped.
//
//   SiteRun ── DeviceRun (thread) ── run_scan ── worker        one of them a device; none knows of another
//
// A new plan touches only what it changes: a device that it changes ends where no scan is under way and is
// opened anew; all others go on. The same happens when a driver was updated, for its folder is part of the
// plan.
#pragma once

#include <filesystem>
#include <memory>
#include <string_view>

#include "core/base/result.hpp"
#include "core/host/scan_run.hpp"
#include "core/host/site/retention_run.hpp"
#include "core/host/site/site_config.hpp"
#include "core/host/site/site_status.hpp"

namespace garita::host {

// What a site tells while it runs. Calls come from the threads of its devices, one at a time for each device.
class SiteObserver {
 public:
  virtual ~SiteObserver() = default;
  virtual void recorded(const DevicePlan& /*device*/, const Recorded& /*recorded*/) {}
  virtual void refused(const DevicePlan& /*device*/, const std::string& /*file*/,
                       const base::Error& /*why*/) {}
  virtual void trouble(const DevicePlan& /*device*/, const base::Error& /*error*/) {}
  virtual void state(const DevicePlan& /*device*/, DeviceState /*now*/) {}
  // Packages went by the site's policy, or could not.
  virtual void retained(const base::Result<Retained>& /*what*/) {}  // a thread of its own
  virtual void attempted(const DevicePlan& /*device*/, const isolate::Attempt& /*attempt*/) {}  // any thread
  virtual void log(const DevicePlan& /*device*/, uint32_t /*level*/, std::string_view /*text*/) {
  }  // any thread
};

struct SiteRunOptions {
  std::filesystem::path state, out;  // packages lie in out/LANE
  uint64_t grace_ms = 20'000;        // how long stop() waits for scans under way before it cuts them
  uint64_t first_pause_ms = 500, longest_pause_ms = 30'000;  // after an error; doubles
  uint64_t failed_pause_ms = 600'000;                        // after a worker that died too often
  uint64_t retention_every_ms = 3'600'000;
};

// One thread at a time, but status().
class SiteRun {
 public:
  // Takes the site's lock (host.site_running where another holds it) and key, and starts every device.
  // observer outlives it.
  static base::Result<std::unique_ptr<SiteRun>> start(SitePlan plan, SiteRunOptions options,
                                                      SiteObserver& observer);
  ~SiteRun();  // stop()

  // Returns at once; tick() does it. Gives the labels of devices that are changed, new or gone.
  std::vector<std::string> apply(SitePlan plan);
  void refused_reload() { ++reloads_refused_; }

  // Call it a few times a second: devices that ended in favour of a new plan are started anew.
  void tick();

  // Every device ends, at the latest grace_ms from now; scans still under way then become INCOMPLETE.
  // Idempotent.
  void stop();
  bool all_ended() const;  // nothing will ever come any more: every source has ended

  SiteStatus status() const;  // any thread

 private:
  struct Inside;
  explicit SiteRun(std::unique_ptr<Inside> inside);
  std::unique_ptr<Inside> inside_;
  std::atomic<uint64_t> reloads_{0}, reloads_refused_{0};
};

}  // namespace garita::host
