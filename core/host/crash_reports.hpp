// Reports for a driver's vendor: what was known when its process died, hung or was stopped in a breach. In the state folder,
// 0600, the last sixteen:
//
//   crashes/crash-<utc>-<driver>-<first 8 digits of its SHA-256>.json    {"schema": "garita.crash/1", "utc", "host_version",
//     "driver": {"name", "vendor", "version", "file", "sha256", "build_id"}, "box", "policy", "error": {"id", "text", fields},
//     "signal", "fault_address", "frames": ["acme.so+0x1234", …], "files": [{"file", "build_id"}],
//     "calls": [{"call", "by", "status", "before_end_ms", "took_us"}, …], "streams": [{"name", "received_bytes", "received",
//     "sent_bytes", "sent"}], "worker": {"cpu_ms", "peak_bytes"}}                                     bytes in hex
//   crashes/….txt                                                        the same for people, in English and in Spanish
//
// All that a driver had a hand in is escaped. The last bytes of each stream may be cargo data: both files say so.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "core/base/clock.hpp"
#include "core/base/result.hpp"
#include "core/isolate/crash.hpp"
#include "core/load/manifest.hpp"

namespace garita::host {

inline constexpr size_t max_crash_reports = 16;

class CrashReports final : public isolate::WorkerObserver {
 public:
  // manifest and clock outlive it.
  CrashReports(const std::filesystem::path& state, const load::Manifest& manifest, const base::Clock& clock)
      : folder_(state / "crashes"), manifest_(manifest), clock_(clock) {}

  void started(pid_t process) override { worker_ = process; }
  void ended(const isolate::Usage& used) override;
  void crashed(const isolate::Crash& crash) override;

  // An error with its report's path in the field "report", where one was written since the last call.
  base::Error told(base::Error error);
  // Of the last that was started.
  pid_t worker() const { return worker_; }
  // All workers together; the peak is that of the largest.
  const isolate::Usage& used() const { return used_; }
  const std::vector<std::filesystem::path>& written() const { return written_; }

 private:
  base::Result<std::filesystem::path> write(const isolate::Crash& crash) const;
  void forget_oldest() const;

  const std::filesystem::path folder_;
  const load::Manifest& manifest_;
  const base::Clock& clock_;
  isolate::Usage used_;
  pid_t worker_ = -1;
  std::vector<std::filesystem::path> written_;  // of this run, at most max_crash_reports
  std::filesystem::path last_;
};

}  // namespace garita::host
