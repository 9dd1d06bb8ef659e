// What a driver tried, kept: each blocked act of a run becomes a line of the site's hash-chained log
// (audit/audit.log), and a breach puts the driver into quarantine. Both when it happens, by a thread of its own: the first
// at once, what follows at most a second later, so that a host that is killed leaves what it saw. Lines are of the kinds box.refused,
// box.decoy, box.noted and box.suppressed, with
//
//   {"driver", "driver_sha256", "policy", "class", "call", "target", "decision", "thread", "monotonic_ns",
//   "utc"}
#pragma once

#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <mutex>
#include <optional>
#include <string_view>
#include <thread>
#include <vector>

#include "core/base/result.hpp"
#include "core/isolate/box/attempt.hpp"
#include "core/load/manifest.hpp"

namespace garita::host {

class AttemptObserver {
 public:
  virtual ~AttemptObserver() = default;
  virtual void attempted(const isolate::Attempt& /*attempt*/) {}  // any thread
};

// Appends to the site's log; waits for a while where another program of the site is writing. Errors:
// base.file_*, base.log_*.
base::Result<void> append_audit(const std::filesystem::path& state, std::string_view kind,
                                std::string_view payload);

class Evidence final : public isolate::AttemptSink {
 public:
  // manifest and observer outlive it.
  Evidence(std::filesystem::path state, const load::Manifest& manifest, AttemptObserver& observer)
      : state_(std::move(state)), manifest_(manifest), observer_(observer) {}

  ~Evidence() override;

  void attempted(const isolate::Attempt& attempt) override;
  void suppressed(uint64_t count) override;

  // When the last session has ended: writes what is not written yet, and how often the driver tried in all.
  // Thread: the run's. Errors: as append_audit and Quarantine::put have them, also of what was to be written before.
  base::Result<void> close();
  // The first breach as an error, isolate.breach; nullopt: there was none.
  std::optional<base::Error> breach() const;

 private:
  void start_writing();
  void write_along();
  void stop_writing();
  base::Result<void> put_into_quarantine();
  base::Result<void> write_lines(const std::vector<isolate::Attempt>& attempts, size_t& written, uint64_t lost);

  const std::filesystem::path state_;
  const load::Manifest& manifest_;
  AttemptObserver& observer_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<isolate::Attempt> pending_;  // not in the log yet
  uint64_t kept_ = 0, breaches_ = 0, suppressed_ = 0, dropped_ = 0;
  std::optional<isolate::Attempt> first_;
  bool quarantined_ = false, closing_ = false;
  std::thread writer_;  // from the first attempt on; most drivers never make one
};

}  // namespace garita::host
