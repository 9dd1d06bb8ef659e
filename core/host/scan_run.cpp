#include "core/host/scan_run.hpp"

#include <algorithm>
#include <chrono>
#include <thread>

#include "core/base/state.hpp"
#include "core/host/services.hpp"
#include "core/isolate/session.hpp"
#include "core/load/in_process.hpp"
#include "core/load/library.hpp"
#include "core/load/status.hpp"
#include "garita/ext/stored.h"

namespace garita::host {
namespace {

using namespace std::chrono_literals;
using load::StatusClass;

constexpr uint64_t pool_bytes = 64u << 20;
constexpr uint64_t next_ns = 200'000'000;     // how long one call of next may wait: stop is looked at in between
constexpr uint64_t open_ns = 10'000'000'000;
constexpr uint64_t close_ns = 2'000'000'000;
constexpr uint64_t stored_ns = 1'000'000'000;
constexpr std::chrono::milliseconds first_pause = 100ms, longest_pause = 5000ms;  // between openings of a lost device

class LogToObserver final : public LogSink {
 public:
  explicit LogToObserver(ScanObserver& observer) : observer_(observer) {}
  void line(uint32_t level, std::string_view text) override { observer_.log(level, text); }

 private:
  ScanObserver& observer_;
};

uint32_t stored_outcome(Fate fate) {
  switch (fate) {
    case Fate::stored: return GARITA_STORED_DURABLE;
    case Fate::duplicate: return GARITA_STORED_DUPLICATE;
    case Fate::dropped: return GARITA_STORED_DROPPED;
  }
  return GARITA_STORED_NOT;
}

// The site's key; other programs of the site may be taking theirs at this very moment.
base::Result<base::SigningKey> site_key(const std::filesystem::path& folder) {
  for (int attempt = 0;; ++attempt) {
    auto state = base::StateFolder::open(folder);
    if (state) return state->site_key();
    if (state.error().id != "base.state_locked" || attempt == 50) return std::move(state).error();
    std::this_thread::sleep_for(50ms);
  }
}

// One run: a session that is opened again when its device gets lost, and the recorder behind it.
class Run {
 public:
  Run(const ScanOptions& options, std::shared_ptr<const load::Library> library, broker::Broker& broker,
      const base::SigningKey& key, const std::atomic<bool>& stop, ScanObserver& observer, ScanSummary& summary)
      : options_(options), library_(std::move(library)), stop_(stop), observer_(observer), summary_(summary),
        log_(observer), services_(broker, clock_, log_, options.configuration, pool_bytes),
        recorder_({options.manifest, broker, key, clock_, options.out, options.site, options.lane, options.instance,
                   options.in_process_unsafe ? "" : isolate::box_reached,
                   options.keep_incomplete}) {}

  base::Result<void> go() {
    GARITA_TRY(open());  // what cannot be opened at first is said at once
    while (!stop_ && !enough()) {
      load::Next next = session_->next(clock_.monotonic_ns() + next_ns);
      if (next.status == GARITA_OK) {
        GARITA_TRY(take(next.event));
      } else if (next.status == GARITA_END) {
        return finish("host.source_ended");
      } else if (load::class_of(next.status) != StatusClass::flow) {
        GARITA_TRY(trouble(std::move(next)));
      }
    }
    return finish("host.stopped");
  }

 private:
  bool enough() const {
    return options_.count > 0 && summary_.packages + summary_.refused + summary_.dropped >= options_.count;
  }

  base::Result<void> open() {
    const uint64_t deadline_ns = clock_.monotonic_ns() + open_ns;
    auto session = options_.in_process_unsafe
                       ? load::open_in_process(library_, services_, options_.model, options_.instance, deadline_ns)
                       : isolate::open_isolated(options_.manifest, services_, options_.model, options_.instance,
                                                deadline_ns, {.pool_bytes = pool_bytes});
    if (!session) return std::move(session).error();
    session_ = std::move(*session);
    return {};
  }

  base::Result<void> take(const image::Event& event) {
    lost_ns_ = 0;
    if (const auto* health = std::get_if<image::Health>(&event)) observer_.health(*health);
    const bool was_in_scan = recorder_.in_scan();
    GARITA_TRY_ASSIGN(recorded, recorder_.take(event, session_->counts()));
    if (!was_in_scan && recorder_.in_scan()) observer_.began(recorder_.scan_key());
    if (recorder_.in_scan() && std::holds_alternative<image::Strip>(event))
      observer_.progress(recorder_.scan_key(), recorder_.rows_so_far());
    if (recorded) report(*recorded);
    return {};
  }

  void report(const Recorded& recorded) {
    if (recorded.fate == Fate::stored) ++summary_.packages;
    if (recorded.fate == Fate::stored && !recorded.complete()) ++summary_.incomplete;
    if (recorded.fate == Fate::stored && recorded.complete()) restarts_ = 0;
    if (recorded.fate == Fate::duplicate) ++summary_.duplicates;
    if (recorded.fate == Fate::dropped) ++summary_.dropped;
    session_->stored(recorded.scan_key, stored_outcome(recorded.fate), clock_.monotonic_ns() + stored_ns);
    observer_.recorded(recorded);
  }

  base::Result<void> cut(garita_status status, const std::string& reason) {
    GARITA_TRY_ASSIGN(recorded, recorder_.cut(status, reason));
    if (recorded) report(*recorded);
    return {};
  }

  // Acts by class: data, go on; device, open again; driver or host, a new worker. Inside this process nothing can be
  // started anew.
  base::Result<void> trouble(load::Next next) {
    const StatusClass kind = load::class_of(next.status);
    GARITA_TRY(cut(next.status, base::render(next.error, base::Language::en)));
    const bool new_worker = may_restart() && kind != StatusClass::data && kind != StatusClass::device;
    const bool goes_on = kind == StatusClass::data || kind == StatusClass::device || new_worker;
    observer_.trouble(next.error, goes_on);
    if (kind == StatusClass::data) return {};
    if (kind == StatusClass::device) return open_again(next.error);
    if (new_worker) return restart();
    next.error.outcome = base::Outcome::incomplete;
    return std::move(next.error);
  }

  bool may_restart() const { return !options_.in_process_unsafe && options_.patience_ms > 0; }

  void end_session() {
    if (session_) (void)session_->close(clock_.monotonic_ns() + close_ns);
    session_.reset();
  }

  // A new worker, after a pause that doubles: a driver that always dies must not keep a core busy, nor run for ever.
  base::Result<void> restart() {
    end_session();
    while (!stop_) {
      if (restarts_ == options_.max_restarts)
        return base::Error{base::Outcome::incomplete, "isolate.gave_up",
                           {{"driver", options_.manifest.name}, {"restarts", std::to_string(restarts_)}},
                           GARITA_DRIVER_FAULT};
      std::this_thread::sleep_for(first_pause * (1 << std::min(restarts_++, 5u)));
      auto opened = open();
      if (opened) return {};
      observer_.trouble(opened.error(), true);
      if (load::class_of(opened.error().status) == StatusClass::device) return open_again(opened.error());
    }
    return {};
  }

  // Patience runs from the first loss after the last event: a device that opens and fails again and again is away too.
  base::Result<void> open_again(base::Error why) {
    end_session();
    if (lost_ns_ == 0) lost_ns_ = clock_.monotonic_ns(), pause_ = first_pause;
    why.outcome = base::Outcome::incomplete;
    while (!stop_) {
      if (clock_.monotonic_ns() >= lost_ns_ + options_.patience_ms * 1'000'000) return why;
      std::this_thread::sleep_for(pause_);
      pause_ = std::min(pause_ * 2, longest_pause);
      if (open()) return {};
    }
    return base::Error{base::Outcome::incomplete, "host.stopped", {}};
  }

  base::Result<void> finish(const char* reason_id) {
    GARITA_TRY(cut(GARITA_CANCELLED, base::text(base::Language::en, reason_id)));
    return session_ ? session_->close(clock_.monotonic_ns() + close_ns) : base::Result<void>();
  }

  const ScanOptions& options_;
  std::shared_ptr<const load::Library> library_;
  const std::atomic<bool>& stop_;
  ScanObserver& observer_;
  ScanSummary& summary_;
  base::SystemClock clock_;
  LogToObserver log_;
  HostServices services_;
  ScanRecorder recorder_;
  uint32_t restarts_ = 0;  // of the worker, in a row
  uint64_t lost_ns_ = 0;  // when the device was lost; 0: it is there
  std::chrono::milliseconds pause_ = first_pause;
  std::unique_ptr<load::Session> session_;  // last: it is closed before what it uses goes
};

}  // namespace

base::Result<void> run_scan(const ScanOptions& options, const std::atomic<bool>& stop, ScanObserver& observer,
                            ScanSummary& summary) {
  GARITA_TRY(base::real_file_system().create_folders(options.out, 0755));
  GARITA_TRY_ASSIGN(key, site_key(options.state));
  std::shared_ptr<const load::Library> library;
  if (options.in_process_unsafe) {
    GARITA_TRY_ASSIGN(loaded, load::Library::load(options.manifest));
    library = std::move(loaded);
  }
  base::SystemClock clock;
  GARITA_TRY_ASSIGN(broker, broker::Broker::create(options.sources, clock));
  return Run(options, std::move(library), *broker, key, stop, observer, summary).go();
}

}  // namespace garita::host
