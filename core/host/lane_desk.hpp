// Where the devices of one lane meet, so that what they saw of one passage becomes one inspection
// (decisions/0030).
//
//   scan without views ──> package, sealed, in SPOOL ──> waits here ──┬─> a scan with views takes it in, then
//   it goes (radiation, camera)      durable at once                          └─> nobody did in time: renamed
//   into OUT, alone scan with views    ──> waits, unsealed, only where it would come again after a crash ──>
//   takes what belongs to it ──> OUT
//
// Nothing is lost at any moment: what waits is a whole package on the disk. What a host left in SPOOL when it
// died waits again, or is alone. A package that was taken in leaves an empty NAME.joined behind, so that its
// scan is known when it comes again; these go after a week.
#pragma once

#include <atomic>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "core/base/clock.hpp"
#include "core/base/digest.hpp"
#include "core/base/result.hpp"
#include "core/host/pairing.hpp"
#include "garita/v1/inspection.pb.h"

namespace garita::host {

struct LaneDeskOptions {
  std::filesystem::path spool, out;  // on one file system
  uint64_t window_ms = 10'000;       // how far apart two devices may see one passage
  uint64_t wait_ms = 10'000;         // how long one waits for the others
  size_t devices = 2;                // of the lane
};

inline constexpr size_t max_waiting_scans = 256;  // of a lane; the oldest is alone then

// A whole package that waits for a scan with views.
struct WaitingScan {
  std::string device;  // of the lane
  std::filesystem::path path;
  v1::Inspection record;
  base::Digest root{};
  Passage passage;
  uint64_t since_ns = 0;  // monotonic
};

// What became of one that waited.
struct Settled {
  std::string device, scan_key;
  bool joined = false;         // else alone
  std::filesystem::path path;  // of the package that it is in
  v1::Inspection record;       // of one that is alone: as stored
  base::Digest root{};
};

// Any thread.
class LaneDesk {
 public:
  // Makes the folders and takes up what lies in SPOOL. clock outlives it. Errors: base.file_*.
  static base::Result<std::unique_ptr<LaneDesk>> open(LaneDeskOptions options, const base::Clock& clock);

  const std::filesystem::path& spool() const { return options_.spool; }
  uint64_t wait_ns() const { return wait_ms_ * 1'000'000; }
  uint64_t window_ns() const { return window_ms_ * 1'000'000; }
  void change(const LaneDeskOptions& options);  // all but the folders

  // ---- Of a scan without views
  void offer(WaitingScan scan);

  // ---- Of a scan with views
  struct Partner {
    WaitingScan scan;
    Match why;
  };
  // What belongs to it, one of each device: the nearest. They are the caller's until joined() or give_back().
  std::vector<Partner> take(const Passage& leader, const std::string& device);
  // Whether all others of the lane have something that belongs to it: it need not wait.
  bool has_all(const Passage& leader, const std::string& device) const;
  void joined(const std::vector<Partner>& partners, const std::filesystem::path& package);
  void give_back(std::vector<Partner> partners);

  // Who waited too long is alone now; all: everybody. Gives what was settled since the last call. An error of
  // the disk leaves it waiting.
  std::vector<Settled> settle(bool all);

 private:
  LaneDesk(LaneDeskOptions options, const base::Clock& clock) : options_(std::move(options)), clock_(clock) {
    change(options_);
  }
  void take_up();
  bool stand_alone(const WaitingScan& scan);

  const LaneDeskOptions options_;
  const base::Clock& clock_;
  std::atomic<uint64_t> window_ms_{0}, wait_ms_{0};
  std::atomic<size_t> devices_{0};
  mutable std::mutex mutex_;
  std::vector<WaitingScan> waiting_;  // oldest first
  std::vector<Settled> settled_;
};

}  // namespace garita::host
