#include "core/host/site/device_run.hpp"

#include <algorithm>
#include <chrono>

#include "core/base/clock.hpp"
#include "core/host/quarantine.hpp"
#include "core/host/scan_freshness.hpp"
#include "core/load/status.hpp"

namespace garita::host {
namespace {

constexpr uint64_t look_for_release_ms = 5000;
constexpr uint64_t look_for_documents_ms = 500, longest_wait_ms = 600'000;

}  // namespace

DeviceRun::DeviceRun(DevicePlan plan, ScanOptions options, const SiteRunOptions& site, SiteObserver& observer,
                     std::shared_ptr<DeviceCounters> counters)
    : plan_(std::move(plan)),
      options_(std::move(options)),
      site_(site),
      observer_(observer),
      counters_(std::move(counters)),
      pause_ms_(site.first_pause_ms) {
  options_.ending = &ending_;
  counters_->state = DeviceState::opening;
  thread_ = std::thread([this] { work(); });
}

DeviceRun::~DeviceRun() {
  stop();
  thread_.join();
}

void DeviceRun::end() {
  const std::lock_guard lock(mutex_);
  ending_ = true;
  woken_.notify_all();
}

void DeviceRun::stop() {
  const std::lock_guard lock(mutex_);
  ending_ = stop_ = true;
  woken_.notify_all();
}

void DeviceRun::work() {
  while (!ending_) {
    set_state(DeviceState::opening);
    ++counters_->openings;
    ScanSummary summary;
    const Stamp before = documents();
    const auto run = run_scan(options_, stop_, *this, summary);
    counters_->worker = -1;
    counters_->rows = 0;
    if (ending_) break;
    if (!run) ++counters_->troubles, observer_.trouble(plan_, run.error());
    const DeviceState now = after(run);
    set_state(now);
    if (now == DeviceState::ended) break;
    if (now == DeviceState::quarantined)
      wait_for_release();
    else if (!run && run.error().id.starts_with("trust."))
      wait_for_documents(before);
    else
      rest(now == DeviceState::failed ? site_.failed_pause_ms : pause_ms_);
    pause_ms_ = std::min(pause_ms_ * 2, site_.longest_pause_ms);
  }
  if (counters_->state != DeviceState::ended) set_state(DeviceState::stopped);
  ended_ = true;
}

// A peer that says good-bye comes again; a file that has ended does not.
DeviceState DeviceRun::after(const base::Result<void>& run) {
  if (run) return finite() ? DeviceState::ended : DeviceState::waiting;
  const std::string& id = run.error().id;
  if (id == "isolate.breach" || id == "host.quarantined") return DeviceState::quarantined;
  if (id == "isolate.gave_up" || id == "isolate.restart_storm") return DeviceState::failed;
  return DeviceState::waiting;
}

bool DeviceRun::finite() const {
  return std::all_of(plan_.sources.begin(), plan_.sources.end(), [](const auto& source) {
    return source.second.scheme == "replay" || source.second.scheme == "file";
  });
}

void DeviceRun::rest(uint64_t pause_ms) {
  std::unique_lock lock(mutex_);
  woken_.wait_for(lock, std::chrono::milliseconds(pause_ms), [this] { return ending_.load(); });
}

void DeviceRun::wait_for_release() {
  while (!ending_ && !Quarantine(options_.state).admit(plan_.manifest)) rest(look_for_release_ms);
}

DeviceRun::Stamp DeviceRun::documents() const {
  std::error_code missing;
  return std::filesystem::last_write_time(options_.state / "trust" / "seen.json", missing);
}

// A certificate, a status list or a root may come any time, and a clock may be set right.
void DeviceRun::wait_for_documents(Stamp before) {
  for (uint64_t waited_ms = 0; !ending_ && waited_ms < longest_wait_ms && documents() == before;
       waited_ms += look_for_documents_ms)
    rest(look_for_documents_ms);
}

void DeviceRun::set_state(DeviceState state) {
  if (counters_->state.exchange(state) != state || state == DeviceState::opening)
    observer_.state(plan_, state);
}

// ---- What run_scan tells

void DeviceRun::progress(const std::string&, uint64_t rows) { counters_->rows = rows; }

void DeviceRun::recorded(const Recorded& recorded) {
  pause_ms_ = site_.first_pause_ms;
  counters_->rows = 0;
  if (recorded.fate == Fate::stored) {
    ++counters_->scans;
    if (!recorded.complete()) ++counters_->incomplete;
    if (suspicion_of(recorded.record)) ++counters_->suspects;
    counters_->raw_bytes += recorded.raw_bytes;
    counters_->last_scan_utc_ns = base::system_clock().utc_ns();
  }
  if (recorded.fate == Fate::duplicate) ++counters_->duplicates;
  if (recorded.fate == Fate::joined) ++counters_->joined;
  if (recorded.fate == Fate::waiting) return;  // the desk will say what became of it
  if (recorded.fate == Fate::dropped) ++counters_->dropped;
  observer_.recorded(plan_, recorded);
}

void DeviceRun::refused(const std::string& file, const base::Error& why) {
  ++counters_->refused;
  observer_.refused(plan_, file, why);
}

void DeviceRun::passed_over(const std::string&, const base::Error&) { ++counters_->passed_over; }

void DeviceRun::trouble(const base::Error& error, bool goes_on) {
  if (!goes_on) return;  // it comes again as the run's own error
  if (load::class_of(error.status) == load::StatusClass::device) set_state(DeviceState::waiting);  // it is away
  ++counters_->troubles;
  observer_.trouble(plan_, error);
}

void DeviceRun::state(LaneState now) {
  if (now == LaneState::running) set_state(DeviceState::running);
  if (now == LaneState::restarting) ++counters_->restarts, set_state(DeviceState::restarting);
}

// The device is there, or there again.
void DeviceRun::worker(pid_t process) {
  counters_->worker = process;
  set_state(DeviceState::running);
}

void DeviceRun::attempted(const isolate::Attempt& attempt) {
  if (attempt.breach()) ++counters_->breaches;
  observer_.attempted(plan_, attempt);
}

}  // namespace garita::host
