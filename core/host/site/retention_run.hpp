// What a site keeps, and for how long: the policy of site.toml applied beside the lanes, at the start and
// then every hour.
//
//   [policy.retention]
//   days = 365          routine and incomplete inspections
//   alarm_days = 1825   those with an alarm or a detection: as long at least; without it they stay
//   max_gb = 2000       of all packages; beyond it the oldest go first: routine, incomplete, detection, alarm
//
// What is not said is kept for ever, and so is every inspection in which something was found; a hold of an
// officer saves any. Legal holds and other classes: `garita catalog retain` with a policy of its own.
#pragma once

#include <condition_variable>
#include <filesystem>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>

#include "core/base/result.hpp"
#include "core/catalog/retention.hpp"
#include "core/host/site/site_config.hpp"

namespace garita::host {

// nullopt: everything is kept for ever.
std::optional<catalog::RetentionPolicy> retention_policy(const RetentionPlan& plan);

struct Retained {
  uint64_t removed = 0, bytes = 0;
  uint64_t on_hold = 0;  // would have had to go
};

// Once, now: packages that have to go, out of the catalog of this state folder. The site's log says so before
// any file goes. A catalog that is not there yet has nothing to remove. Errors: as core/catalog has them, and
// those of the log: then nothing more is removed.
base::Result<Retained> retain_now(const std::filesystem::path& state, const catalog::RetentionPolicy& policy,
                                  int64_t now_utc_ns);

// A thread of its own: thousands of files may have to go, and no lane waits for that.
class RetentionRun {
 public:
  // Called on that thread, where something was removed or went wrong.
  using Tell = std::function<void(const base::Result<Retained>&)>;

  RetentionRun(std::filesystem::path state, uint64_t every_ms, Tell tell);
  ~RetentionRun();  // what is under way ends first

  // The policy from now on; looks at once where it is another one.
  void set(const RetentionPlan& plan);

 private:
  void work();

  const std::filesystem::path state_;
  const uint64_t every_ms_;
  const Tell tell_;
  std::mutex mutex_;
  std::condition_variable changed_;
  RetentionPlan plan_;
  bool look_ = false, stop_ = false;
  std::thread thread_;
};

}  // namespace garita::host
