// One device of a site on a thread of its own: run again and again, until it is to end.
#pragma once

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>

#include "core/base/signature.hpp"
#include "core/host/site/site_run.hpp"

namespace garita::host {

class DeviceRun final : private ScanObserver {
 public:
  // counters outlive a run, for the next one of the device goes on with them. All references outlive it.
  DeviceRun(DevicePlan plan, ScanOptions options, const SiteRunOptions& site, SiteObserver& observer,
            std::shared_ptr<DeviceCounters> counters);
  ~DeviceRun() override;  // stops and waits

  const DevicePlan& plan() const { return plan_; }
  void end();                                // where no scan is under way
  void stop();                               // at once; a scan under way becomes INCOMPLETE
  bool has_ended() const { return ended_; }  // its thread does nothing any more

 private:
  using Stamp = std::filesystem::file_time_type;

  void work();
  DeviceState after(const base::Result<void>& run);
  void rest(uint64_t pause_ms);
  void wait_for_release();
  Stamp documents() const;  // when they changed last
  void wait_for_documents(Stamp before);
  bool finite() const;
  void set_state(DeviceState state);

  void progress(const std::string& scan_key, uint64_t rows) override;
  void recorded(const Recorded& recorded) override;
  void refused(const std::string& file, const base::Error& why) override;
  void passed_over(const std::string& file, const base::Error& why) override;
  void trouble(const base::Error& error, bool goes_on) override;
  void state(LaneState now) override;
  void worker(pid_t process) override;
  void log(uint32_t level, std::string_view text) override { observer_.log(plan_, level, text); }
  void attempted(const isolate::Attempt& attempt) override;

  const DevicePlan plan_;
  ScanOptions options_;
  const SiteRunOptions& site_;
  SiteObserver& observer_;
  const std::shared_ptr<DeviceCounters> counters_;
  std::atomic<bool> ending_{false}, stop_{false}, ended_{false};
  uint64_t pause_ms_;
  std::mutex mutex_;
  std::condition_variable woken_;
  std::thread thread_;  // last: it uses all the others
};

}  // namespace garita::host
