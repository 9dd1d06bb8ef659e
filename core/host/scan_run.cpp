#include "core/host/scan_run.hpp"

#include <algorithm>
#include <chrono>
#include <thread>

#include "core/base/state.hpp"
#include "core/broker/inbox.hpp"
#include "core/broker/recorder.hpp"
#include "core/host/crash_reports.hpp"
#include "core/host/debugging.hpp"
#include "core/host/gate.hpp"
#include "core/host/inboxes.hpp"
#include "core/host/lane_supervisor.hpp"
#include "core/host/quarantine.hpp"
#include "core/host/replay.hpp"
#include "core/host/services.hpp"
#include "core/isolate/box/reach.hpp"
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
constexpr uint64_t idle_next_ns = 1'000'000'000;   // the same where nothing has come for a while: idle lanes cost nothing
constexpr uint64_t idle_after_ns = 10'000'000'000;
constexpr uint64_t open_ns = 10'000'000'000;
constexpr uint64_t close_ns = 2'000'000'000;
constexpr uint64_t stored_ns = 1'000'000'000;
constexpr std::chrono::milliseconds first_pause = 100ms, longest_pause = 5000ms;  // between openings of a lost device
constexpr std::chrono::milliseconds look_for_stop = 50ms;

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
    case Fate::joined:
    case Fate::waiting: return GARITA_STORED_DURABLE;
    case Fate::abandoned: return GARITA_STORED_NOT;
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

// Supplements are waited for only where the driver has any: for ever where the inbox is to be emptied, else for hold_ms.
uint64_t hold_ns_of(const ScanOptions& options, const broker::Broker& broker) {
  const auto& words = options.manifest.capabilities;
  if (std::find(words.begin(), words.end(), "scan.supplement") == words.end()) return 0;
  uint64_t hold_ms = 0;
  for (const auto& [name, inbox] : broker.inboxes()) hold_ms = std::max(hold_ms, inbox->hold_ms());
  return options.until_empty && !broker.inboxes().empty() ? UINT64_MAX : hold_ms * 1'000'000;
}

// One run: a session that is opened again when its device gets lost, and the recorder behind it.
class Run {
 public:
  // time: that of deadlines and records; a recording's where it is replayed.
  Run(const ScanOptions& options, isolate::Box box, std::shared_ptr<const load::Library> library,
      broker::Broker& broker, const base::SigningKey& key, const base::Clock& time, bool replay,
      std::optional<base::Digest> secret, const std::atomic<bool>& stop, ScanObserver& observer,
      ScanSummary& summary, Gate& gate)
      : options_(options),
        box_(box),
        library_(std::move(library)),
        broker_(broker),
        time_(time),
        stop_(stop),
        observer_(observer),
        summary_(summary),
        log_(observer),
        evidence_(options.state, options.manifest, observer),
        crashes_(options.state, options.manifest, clock_),
        services_(broker, time, log_, options.configuration, pool_bytes, replay),
        gate_(gate),
        recorder_({options.manifest, broker, key, time, options.out, options.site, options.lane,
                   options.instance, options.in_process_unsafe ? "" : isolate::name_of(box),
                   options.keep_incomplete, hold_ns_of(options, broker), options.deployment, options.place,
                   secret, options.state, &gate, options.coding_threads}),
        lane_(options.manifest.name, {.most_in_a_row = options.max_restarts}, clock_) {}

  base::Result<void> go() {
    auto gone = run();
    if (!gone) {  // whatever it was, what is whole is kept, and no file stays half told
      (void)recorder_.cut(GARITA_CANCELLED, base::render(gone.error(), base::Language::en));
      (void)release(true);
      (void)settle(+[](broker::Inbox& inbox) { return inbox.take_back(false); });
    }
    session_.reset();  // nothing is tried any more
    summary_.worker = crashes_.used();
    summary_.crash_reports = crashes_.written();
    if (evidence_.breach()) lane_.breached();
    lane_.stop();
    tell_state();
    const base::Result<void> kept = evidence_.close();
    if (gone && evidence_.breach()) return *evidence_.breach();  // seen only at the end
    return gone ? kept : gone;
  }

 private:
  base::Result<void> run() {
    GARITA_TRY(open_first());
    while (!stopping() && !enough()) {
      load::Next next = session_->next(next_deadline_ns());
      if (next.status == GARITA_OK) {
        GARITA_TRY(take(next.event));
        session_->catch_up();
        event_ns_ = time_.monotonic_ns();
      } else if (next.status == GARITA_END) {
        return finish("host.source_ended");
      } else if (load::class_of(next.status) != StatusClass::flow) {
        GARITA_TRY(trouble(std::move(next)));
      }
      GARITA_TRY(release(false));
      if (next.status != GARITA_OK || !recorder_.in_scan())
        GARITA_TRY(settle(+[](broker::Inbox& inbox) { return inbox.settle(); }));
    }
    return finish("host.stopped");
  }

  // What cannot be opened at first is said at once; but a worker that died of it is started again, as later.
  base::Result<void> open_first() {
    auto opened = open();
    if (opened || !died(opened.error()) || !may_restart()) return opened;
    observer_.trouble(opened.error(), true);
    return restart();
  }

  bool stopping() const { return stop_ || (options_.ending && *options_.ending && !recorder_.in_scan()); }

  void rest(std::chrono::nanoseconds pause) const {
    const uint64_t until_ns = clock_.monotonic_ns() + static_cast<uint64_t>(pause.count());
    while (!stopping() && clock_.monotonic_ns() < until_ns) std::this_thread::sleep_for(look_for_stop);
  }

  void tell_state() {
    if (lane_.state() == told_state_) return;
    told_state_ = lane_.state();
    observer_.state(told_state_);
  }

  uint64_t next_deadline_ns() const {
    const uint64_t now_ns = time_.monotonic_ns();
    return now_ns + (now_ns - event_ns_ > idle_after_ns ? idle_next_ns : next_ns);
  }

  bool enough() const {
    return options_.count > 0 && summary_.packages + summary_.refused + summary_.dropped >= options_.count;
  }

  base::Result<void> open() {
    GARITA_TRY_ASSIGN(warnings, gate_.admit(box_));
    for (const base::Error& warning : warnings) observer_.trouble(warning, true);
    const uint64_t deadline_ns = time_.monotonic_ns() + open_ns;
    auto session = options_.in_process_unsafe
                       ? load::open_in_process(library_, services_, options_.model, options_.instance, deadline_ns)
                       : isolate::open_isolated(options_.manifest, services_, options_.model, options_.instance,
                                                deadline_ns, worker_options());
    if (!session) return crashes_.told(std::move(session).error());
    session_ = std::move(*session);
    observer_.worker(crashes_.worker());
    lane_.opened();
    tell_state();
    return {};
  }

  isolate::WorkerOptions worker_options() {
    isolate::WorkerOptions worker;
    worker.pool_bytes = pool_bytes;
    worker.box = box_;
    worker.connects = [this](std::string_view address) -> std::optional<int> {
      const load::GrantedConnect* const granted = options_.manifest.granted_connect(address);
      return granted ? std::optional(broker_.relay(granted->stream)) : std::nullopt;
    };
    worker.decoy = true;  // it is stopped anyway: where it wanted to go is worth knowing
    worker.attempts = &evidence_;
    worker.observer = &crashes_;
    if (options_.gdb) worker.debugger = [this](pid_t pid) { return await_debugger(pid, stop_, observer_); };
    return worker;
  }

  // ---- Inboxes: an object is consumed only after what became of its scans is on the disk

  // Packages that waited; then what became of files is told.
  base::Result<void> release(bool all) {
    GARITA_TRY_ASSIGN(released, recorder_.release(all));
    for (const Recorded& recorded : released) report(recorded);
    return {};
  }

  base::Result<void> settle(base::Result<void> (*act)(broker::Inbox&)) {
    for (const auto& [name, inbox] : broker_.inboxes()) {
      const auto acted = act(*inbox);
      for (const broker::InboxNote& note : inbox->take_notes()) tell(note);
      if (!acted) return acted;
    }
    return {};
  }

  void tell(const broker::InboxNote& note) {
    using Kind = broker::InboxNote::Kind;
    ++summary_.files;
    lane_.went_well();
    if (note.kind == Kind::repeated) ++summary_.joined;
    if (note.kind == Kind::earlier) ++summary_.earlier;
    if (note.kind == Kind::refused) ++summary_.refused, observer_.refused(note.file, note.error);
    if (note.kind == Kind::passed_over) ++summary_.passed_over, observer_.passed_over(note.file, note.error);
  }

  // Of a file that was handed out again, because the driver died on it when this scan was kept already.
  bool again(const Recorded& recorded) const {
    return std::all_of(recorded.objects.begin(), recorded.objects.end(), [this](uint64_t object) {
      const broker::Inbox* inbox = broker_.inbox_of(object);
      return inbox && inbox->was_kept(object);
    });
  }

  void tell_objects(const Recorded& recorded) {
    for (const uint64_t object : recorded.objects) {
      broker::Inbox* inbox = broker_.inbox_of(object);
      if (!inbox) continue;
      if (recorded.fate == Fate::abandoned) inbox->scan_lost(object);
      else if (recorded.fate == Fate::dropped)
        inbox->scan_refused(object, {base::Outcome::incomplete, "host.dropped",
                                     {{"reason", recorded.record.completeness().reason()}},
                                     GARITA_DATA_TRUNCATED});
      else inbox->scan_stored(object);
    }
  }

  base::Result<void> take(const image::Event& event) {
    lost_ns_ = 0;
    if (const auto* begin = std::get_if<image::ScanBegin>(&event))
      for (const uint64_t object : begin->objects)
        if (broker::Inbox* inbox = broker_.inbox_of(object)) inbox->scan_begun(object);
    if (const auto* health = std::get_if<image::Health>(&event)) observer_.health(*health);
    const bool was_in_scan = recorder_.in_scan();
    const bool ends = std::holds_alternative<image::ScanEnd>(event);
    const std::vector<uint64_t> objects = ends ? recorder_.objects() : std::vector<uint64_t>();
    GARITA_TRY_ASSIGN(recorded, recorder_.take(event, session_->counts()));
    for (const uint64_t object : objects)
      if (broker::Inbox* inbox = broker_.inbox_of(object)) inbox->scan_kept(object);
    if (!was_in_scan && recorder_.in_scan()) observer_.began(recorder_.scan_key());
    if (recorder_.in_scan() && std::holds_alternative<image::Strip>(event))
      observer_.progress(recorder_.scan_key(), recorder_.rows_so_far());
    if (recorded) report(*recorded, !recorded->complete() && is_cut_on_the_way(event));
    return {};
  }

  // The driver ended it because bytes did not come: its device may have them still.
  static bool is_cut_on_the_way(const image::Event& event) {
    const auto* end = std::get_if<image::ScanEnd>(&event);
    return end != nullptr && end->outcome == GARITA_SCAN_FAULT &&
           (end->code == GARITA_DEVICE_LOST || end->code == GARITA_DATA_TRUNCATED);
  }

  // wanted_whole: it was cut on the way here, and its device may have it whole.
  void report(const Recorded& recorded, bool wanted_whole = false) {
    if (recorded.fate == Fate::stored) ++summary_.packages;
    if (recorded.fate == Fate::stored && !recorded.complete()) ++summary_.incomplete;
    if ((recorded.fate == Fate::stored || recorded.fate == Fate::waiting) && recorded.complete()) lane_.went_well();
    if (recorded.fate == Fate::duplicate) ++summary_.duplicates;
    if (recorded.fate == Fate::dropped && recorded.objects.empty()) ++summary_.dropped;
    if (recorded.fate == Fate::joined || (recorded.fate == Fate::duplicate && !recorded.objects.empty() && !again(recorded)))
      ++summary_.joined;
    if (session_) session_->catch_up();
    tell_objects(recorded);
    if (session_ && recorded.fate != Fate::abandoned)
      session_->stored(recorded.scan_key, wanted_whole ? GARITA_STORED_NOT : stored_outcome(recorded.fate),
                       time_.monotonic_ns() + stored_ns);
    if (recorded.fate == Fate::stored)
      for (const base::Error& note : catalog_->stored(recorded.record, recorded.path, recorded.root))
        observer_.trouble(note, true);
    if (recorded.fate != Fate::abandoned) observer_.recorded(recorded);
  }

  base::Result<void> cut(garita_status status, const std::string& reason) {
    GARITA_TRY_ASSIGN(recorded, recorder_.cut(status, reason));
    if (recorded) report(*recorded, load::class_of(status) != StatusClass::data);
    return {};
  }

  // Acts by class: data, go on; device, open again; driver or host, a new worker. Inside this process nothing can be
  // started anew.
  base::Result<void> trouble(load::Next next) {
    next.error = crashes_.told(std::move(next.error));
    const StatusClass kind = load::class_of(next.status);
    if (kind == StatusClass::data)
      for (const uint64_t object : recorder_.objects())
        if (broker::Inbox* inbox = broker_.inbox_of(object)) inbox->scan_refused(object, next.error);
    GARITA_TRY(cut(next.status, base::render(next.error, base::Language::en)));
    const bool new_worker = may_restart() && !is_breach(next.error) && kind != StatusClass::data && kind != StatusClass::device;
    const bool goes_on = kind == StatusClass::data || kind == StatusClass::device || new_worker;
    observer_.trouble(next.error, goes_on);
    if (kind == StatusClass::data) return {};
    if (auto spent = broker_.spent()) {  // a new opening would end like this one
      end_session(false);
      return *std::move(spent);
    }
    if (kind == StatusClass::device) return open_again(next.error);
    if (new_worker) return restart();
    end_session(true);
    next.error.outcome = base::Outcome::incomplete;
    return std::move(next.error);
  }

  static bool died(const base::Error& error) {
    static constexpr std::string_view ends[] = {"isolate.crashed", "isolate.exited", "isolate.thread_ended",
                                                "isolate.died", "isolate.hung"};
    return std::find(std::begin(ends), std::end(ends), error.id) != std::end(ends);
  }
  static bool is_breach(const base::Error& error) { return error.id == "isolate.breach"; }
  // Where opening it again changes nothing before a person has done something.
  static bool is_final(const base::Error& error) { return is_breach(error) || error.id.starts_with("trust."); }
  bool may_restart() const { return !options_.in_process_unsafe && !options_.gdb && options_.patience_ms > 0; }

  void end_session(bool crashed) {
    if (session_) (void)session_->close(time_.monotonic_ns() + close_ns);
    session_.reset();
    (void)settle(crashed ? +[](broker::Inbox& inbox) { return inbox.take_back(true); }
                         : +[](broker::Inbox& inbox) { return inbox.take_back(false); });
  }

  // A new worker, as the lane's supervisor has it. Stop is looked at while it waits.
  base::Result<void> restart() {
    end_session(true);
    while (!stopping()) {
      auto pause_ns = lane_.died();
      tell_state();
      if (!pause_ns) return std::move(pause_ns).error();
      ++summary_.restarts;
      rest(std::chrono::nanoseconds(*pause_ns));
      if (stopping()) break;
      lane_.pause_over();
      auto opened = open();
      if (opened) return {};
      if (is_final(opened.error())) return opened;
      observer_.trouble(opened.error(), true);
      if (load::class_of(opened.error().status) == StatusClass::device) return open_again(opened.error());
    }
    return {};
  }

  // Patience runs from the first loss after the last event: a device that opens and fails again and again is away too.
  base::Result<void> open_again(base::Error why) {
    end_session(false);
    if (lost_ns_ == 0) lost_ns_ = clock_.monotonic_ns(), pause_ = first_pause;
    why.outcome = base::Outcome::incomplete;
    while (!stopping()) {
      if (broker_.replay_is_over() || clock_.monotonic_ns() >= lost_ns_ + options_.patience_ms * 1'000'000) return why;
      if (!services_.time_is_virtual()) rest(pause_);
      pause_ = std::min(pause_ * 2, longest_pause);
      auto opened = open();
      if (opened || is_final(opened.error())) return opened;
    }
    return base::Error{base::Outcome::incomplete, "host.stopped", {}};
  }

  base::Result<void> finish(const char* reason_id) {
    GARITA_TRY(cut(GARITA_CANCELLED, base::text(base::Language::en, reason_id)));
    GARITA_TRY(release(true));
    const bool emptied = options_.until_empty && std::string_view(reason_id) == "host.source_ended";
    GARITA_TRY(settle(emptied ? +[](broker::Inbox& inbox) { return inbox.give_up(); }
                              : +[](broker::Inbox& inbox) { return inbox.take_back(false); }));
    return session_ ? session_->close(time_.monotonic_ns() + close_ns) : base::Result<void>();
  }

  const ScanOptions& options_;
  const isolate::Box box_;
  std::shared_ptr<const load::Library> library_;
  broker::Broker& broker_;
  const base::Clock& time_;
  const std::atomic<bool>& stop_;
  ScanObserver& observer_;
  ScanSummary& summary_;
  base::SystemClock clock_;  // of pauses and patience
  LogToObserver log_;
  Evidence evidence_;
  CrashReports crashes_;
  HostServices services_;
  Gate& gate_;
  ScanRecorder recorder_;
  LaneSupervisor lane_;
  const std::shared_ptr<CatalogIndex> catalog_ = options_.catalog ? options_.catalog : std::make_shared<CatalogIndex>(options_.state);
  LaneState told_state_ = LaneState::starting;
  uint64_t event_ns_ = time_.monotonic_ns();  // when the last event came
  uint64_t lost_ns_ = 0;  // when the device was lost; 0: it is there
  std::chrono::milliseconds pause_ = first_pause;
  std::unique_ptr<load::Session> session_;  // last: it is closed before what it uses goes
};

base::Result<void> asked(Gate& gate, isolate::Box box) {
  const auto admitted = gate.admit(box);
  return admitted ? base::Result<void>() : admitted.error();
}

base::Result<void> run_on(std::shared_ptr<broker::Player> player, ScanOptions options, isolate::Box box,
                          std::shared_ptr<const load::Library> library, const base::SigningKey& key,
                          Gate& gate, const std::atomic<bool>& stop, ScanObserver& observer, ScanSummary& summary) {
  const base::Clock& time = player ? static_cast<const base::Clock&>(player->clock()) : base::system_clock();
  std::optional<base::Digest> secret;
  if (player && options.deterministic) {
    GARITA_TRY_ASSIGN(made, deterministic_secret(key, *player));
    secret = made;
  }
  if (player) {
    options.until_empty = true;  // nothing comes behind a recording's end
    if (const auto warning = replay_warning(*player)) observer.trouble(*warning, true);
  }
  GARITA_TRY_ASSIGN(inboxes, make_inboxes(options.manifest, options.sources, options.out, options.state,
                                          options.until_empty, time));
  std::unique_ptr<broker::Recorder> recorder;
  if (!options.record.empty()) {
    GARITA_TRY_ASSIGN(made, broker::Recorder::create(options.record, time));
    recorder = std::move(made);
  }
  GARITA_TRY_ASSIGN(broker, broker::Broker::create(options.sources, time, {}, recorder.get(), std::move(inboxes), player));
  auto gone = Run(options, box, std::move(library), *broker, key, time, player != nullptr, secret, stop, observer, summary, gate).go();
  broker.reset();  // every end is recorded too
  auto recorded = recorder ? recorder->finish() : base::Result<void>();
  if (gone || recorded) return gone ? recorded : gone;
  observer.trouble(recorded.error(), true);
  return gone;
}

}  // namespace

unsigned coding_threads_for(size_t devices) { return std::thread::hardware_concurrency() > devices ? 1 : 0; }

base::Result<void> run_scan(const ScanOptions& options, const std::atomic<bool>& stop, ScanObserver& observer,
                            ScanSummary& summary) {
  GARITA_TRY(base::real_file_system().create_folders(options.out, 0755));
  GARITA_TRY_ASSIGN(key, options.key ? base::Result<base::SigningKey>(*options.key) : site_key(options.state));
  GARITA_TRY(Quarantine(options.state).admit(options.manifest));
  std::shared_ptr<const load::Library> library;
  isolate::Box box = isolate::Box::B0;
  Gate gate(options.trust, options.state, options.manifest, options.in_process_unsafe || options.gdb);
  if (!options.in_process_unsafe) {
    GARITA_TRY_ASSIGN(reached, isolate::choose_box({}, options.box, options.least_box));
    box = reached;
  } else {
    GARITA_TRY(asked(gate, box));  // before its constructors run, here
    GARITA_TRY_ASSIGN(loaded, load::Library::load(options.manifest));
    library = std::move(loaded);
  }
  GARITA_TRY_ASSIGN(player, open_replay(options.sources, options.replay_speed));
  return run_on(std::move(player), options, box, std::move(library), key, gate, stop, observer, summary);
}

}  // namespace garita::host
