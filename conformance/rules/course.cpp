#include "conformance/rules/course.hpp"

#include <algorithm>
#include <chrono>
#include <deque>
#include <filesystem>
#include <fstream>
#include <thread>

#include "core/isolate/launcher.hpp"
#include "core/isolate/session.hpp"
#include "core/load/status.hpp"
#include "core/normalize/calibration_store.hpp"
#include "garita/ext/stored.h"

namespace garita::conformance {
namespace {

constexpr uint64_t ms = 1'000'000;
constexpr uint64_t open_ns = 10'000 * ms;
constexpr uint64_t close_ns = 1000 * ms;
constexpr uint32_t deaf_ms = 3000;  // nothing so long although there is input: it will not come
constexpr uint32_t drain_ms = 1500;  // in a scan, at the end of all input: a driver may wait for what is late
constexpr size_t max_errors = 64;
constexpr size_t max_scans = 10000;
constexpr size_t watched_strips = 3;
constexpr uint64_t early_ns = 10 * ms;  // a TIMEOUT so long before its deadline did not wait for it
constexpr size_t head_bytes = 16;       // of an attachment: enough to know a format by
constexpr size_t max_noted = 4096;

uint64_t now_ns() { return base::system_clock().monotonic_ns(); }

double late_ms(uint64_t returned_ns, uint64_t due_ns) {
  return returned_ns <= due_ns ? 0 : static_cast<double>(returned_ns - due_ns) / static_cast<double>(ms);
}

// What the worker has open that the host did not give it. Memory files and the launcher's pipes are the
// host's.
std::vector<std::string> opened_by_worker() {
  std::vector<std::string> found;
  const std::string launcher = std::to_string(isolate::Launcher::of(isolate::find_worker_program())->pid());
  std::ifstream children("/proc/" + launcher + "/task/" + launcher + "/children");
  for (std::string pid; children >> pid;) {
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator("/proc/" + pid + "/fd", error)) {
      const std::string target = std::filesystem::read_symlink(entry.path(), error).string();
      if (target.starts_with("socket:") || target.starts_with("/dev/shm/") ||
          target.starts_with("anon_inode:inotify"))
        found.push_back(target);
    }
  }
  return found;
}

// What is open for a moment belongs to a process that starts or ends; what a driver opened stays.
std::vector<std::string> kept_open_by_worker() {
  constexpr int looks = 4;
  constexpr std::chrono::milliseconds apart(50);
  std::vector<std::string> kept = opened_by_worker();
  for (int look = 1; look < looks && !kept.empty(); ++look) {
    std::this_thread::sleep_for(apart);
    const std::vector<std::string> now = opened_by_worker();
    std::erase_if(
        kept, [&](const std::string& name) { return std::find(now.begin(), now.end(), name) == now.end(); });
  }
  return kept;
}

// Pixels as rows: stride and padding are the driver's own affair.
void hash_rows(base::Sha256& hash, const image::Strip& strip, uint64_t row_bytes) {
  const uint64_t place[] = {strip.view, strip.channel, strip.slice};
  for (uint32_t row = 0; row < strip.rows; ++row) {
    const uint64_t number = strip.first_row + row;
    hash.update(std::as_bytes(std::span(place))).update(std::as_bytes(std::span(&number, 1)));
    hash.update({strip.memory.get() + row * strip.row_stride_bytes, row_bytes});
  }
}

class Runner {
 public:
  Runner(const load::Manifest& manifest, const Input& input, const host::Configuration& configuration,
         const Plan& plan)
      : manifest_(manifest), input_(input), plan_(plan), stand_(manifest, input, configuration, plan.play) {}

  Course go() {
    open();
    if (session_) {
      pump();
      if (course_.ended) call_after_end();
      if (!course_.fault) {
        course_.worker_opens = kept_open_by_worker();
        course_.late = watch_.look();
      }
      close();
    }
    course_.openings = stand_.openings();
    course_.told_end = stand_.told_end();
    course_.cancel_sent = cancel_sent_;
    course_.objects_given = stand_.objects_given();
    course_.refusals = stand_.refusals();
    course_.log = stand_.log_figures();
    course_.strange_streams = stand_.strangers();
    course_.misused_streams = stand_.misused();
    if (course_.fault) tell_egress(*course_.fault);
    return std::move(course_);
  }

 private:
  void fail(Course::Stage stage, base::Error error) {
    course_.stage = stage;
    course_.fault = std::move(error);
  }

  void open() {
    isolate::WorkerOptions options;
    options.decoy = true;  // so that an attempt to leave says where it wanted to go
    options.attempts = &watch_;
    options.observer = &watch_;
    auto session = isolate::open_isolated(manifest_, stand_, input_.model, plan_.instance, now_ns() + open_ns, options);
    if (!session) return fail(Course::Stage::opening, std::move(session).error());
    session_ = std::move(*session);
  }

  void close() {
    const uint64_t due_ns = now_ns() + plan_.close_ms * ms;
    const base::Result<void> closed = session_->close(due_ns);
    course_.close_late_ms = late_ms(now_ns(), due_ns);  // the end of its process included
    course_.counts = session_->counts();
    if (!closed && !course_.fault) fail(Course::Stage::closing, closed.error());
    if (plan_.watch_strips) look_again();
    session_.reset();
  }

  // An attempt to reach a network is told with the address that it was for.
  void tell_egress(base::Error& fault) const {
    const auto attempt = watch_.egress();
    if (fault.id != "isolate.breach" || !attempt) return;
    for (base::Field& field : fault.fields) {
      if (field.name == "class") field.value = isolate::name_of(attempt->kind);
      if (field.name == "call") field.value = attempt->call;
      if (field.name == "target") field.value = attempt->target;
    }
  }

  void call_after_end() {
    for (uint32_t i = 0; i < plan_.calls_after_end && course_.after_end == GARITA_END && !course_.fault; ++i) {
      const load::Next got = session_->next(now_ns() + plan_.next_ms * ms);
      course_.after_end = got.status;
    }
  }

  // Of the worker, while the driver has nothing to do but wait.
  void note_quiet(bool quiet) {
    if (!quiet) {
      quiet_since_ns_ = 0;
    } else if (quiet_since_ns_ == 0) {
      quiet_since_ns_ = now_ns();
      quiet_before_ = watch_.look();
    } else {
      course_.quiet_share = busiest(quiet_before_, watch_.look(), now_ns() - quiet_since_ns_);
    }
  }

  void pump() {
    const uint64_t begun_ns = now_ns();
    uint64_t heard_ns = begun_ns;
    while (!course_.ended && !course_.fault && !finished_) {
      const load::Next got = next();
      if (got.status == GARITA_OK) {
        heard_ns = now_ns();
        take(got.event);
      } else {
        heard_ns = std::max(heard_ns, answer(got));
      }
      note_quiet(plan_.play.ending == Ending::silent && got.status == GARITA_TIMEOUT && stand_.used_up());
      if (now_ns() - begun_ns > plan_.longest_ms * ms) course_.stalled = true, finished_ = true;
      const uint64_t patience_ms = !stand_.used_up() ? std::max(plan_.quiet_ms, deaf_ms)
                                   : in_scan_        ? std::max(plan_.quiet_ms, drain_ms)
                                                     : plan_.quiet_ms;
      if (got.status == GARITA_TIMEOUT && now_ns() - heard_ns > patience_ms * ms) finished_ = true;
    }
  }

  load::Next next() {
    std::thread interrupter;
    const bool waiting = plan_.cancel_waiting && !cancel_sent_ && stand_.used_up();
    if (waiting) {
      cancel_sent_ = true;
      interrupter = std::thread([this] {
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
        session_->cancel();
      });
    }
    const uint64_t due_ns = now_ns() + (waiting ? 2000 : plan_.next_ms) * ms;
    load::Next got = session_->next(due_ns);
    const uint64_t returned_ns = now_ns();
    course_.late_ms = std::max(course_.late_ms, late_ms(returned_ns, std::max(due_ns, stand_.left_at_ns())));
    if (interrupter.joinable()) interrupter.join();
    if (waiting) course_.cancel_answer_ms = late_ms(returned_ns, due_ns - 2000 * ms + 50 * ms);
    if (got.status == GARITA_TIMEOUT && returned_ns + early_ns < due_ns) ++course_.early_timeouts;
    return got;
  }

  // Everything that is not an event. When something else than silence came.
  uint64_t answer(const load::Next& got) {
    using load::StatusClass;
    if (got.status == GARITA_END) course_.ended = true;
    if (got.status == GARITA_TIMEOUT) ++course_.timeouts;
    if (got.status == GARITA_CANCELLED) {
      ++course_.cancelled;
      course_.scan_open_at_cancelled = in_scan_;
    }
    const StatusClass kind = load::class_of(got.status);
    if (kind == StatusClass::flow) return got.status == GARITA_TIMEOUT ? 0 : now_ns();
    if (kind != StatusClass::device && kind != StatusClass::data) {
      fail(Course::Stage::running, got.error);
      return now_ns();
    }
    in_scan_ = false;
    course_.errors.push_back(got.error);
    finished_ = kind == StatusClass::device || course_.errors.size() >= max_errors;
    return now_ns();
  }

  void take(const image::Event& event) {
    ++course_.events;
    if (cancel_sent_ && course_.cancelled == 0) ++course_.events_before_cancelled;
    std::visit([&](const auto& own) { on(own); }, event);
    if (plan_.watch_strips) look_again();
    if (plan_.close_after_events != 0 && course_.events >= plan_.close_after_events) finished_ = true;
  }

  SeenScan* scan() { return in_scan_ ? &course_.scans.back() : nullptr; }

  void cancel() {
    cancel_sent_ = true;
    session_->cancel();
  }

  void on(const std::monostate&) {}
  void on(const image::Health& health) {
    if (course_.healths.size() < max_noted) course_.healths.push_back(health);
  }
  void on(const image::Calibration& calibration) {
    (void)calibrations_.add(calibration);
    if (course_.calibrations.size() < max_noted) course_.calibrations.push_back(look_at(calibration));
  }

  void on(const image::ScanBegin& begin) {
    if (course_.scans.size() >= max_scans) return;
    course_.scans.push_back({});
    course_.scans.back().begin = begin;
    course_.scans.back().attributes = begin.attributes;
    in_scan_ = true;
    strips_ = 0;
    hash_.reset();
    seen_channels_.clear();
    if (plan_.cancel_after_strips != 0 && !cancel_sent_ && begin.views.empty()) cancel();
  }

  void on(const image::Strip& strip) {
    if (!in_scan_) return;
    SeenScan& own = *scan();
    const image::View& view = own.begin.views[strip.view];
    const uint64_t row_bytes = uint64_t{view.columns} * image::sample_size_bytes(view.sample_type);
    hash_rows(hash_, strip, row_bytes);
    check_calibration(own, strip, view);
    if (plan_.look_at_pixels) look_at_strip(own, strip, view);
    if (plan_.keep_pixels) keep(own, strip, view, row_bytes);
    if (plan_.watch_strips) watch(strip, row_bytes);
    own.strips.push_back(strip);
    own.strips.back().memory = nullptr;
    if (plan_.cancel_after_strips != 0 && !cancel_sent_ && ++strips_ >= plan_.cancel_after_strips) cancel();
  }

  void on(const image::Reading& reading) {
    (in_scan_ ? scan()->readings : course_.background).push_back(reading);
  }
  void on(const image::Detection& detection) {
    if (in_scan_) scan()->detections.push_back(detection);
  }
  void on(const image::Attributes& more) {
    auto& list = in_scan_ ? scan()->attributes : course_.standing;
    list.insert(list.end(), more.attributes.begin(), more.attributes.end());
  }
  void on(const image::Attachment& attachment) {
    if (!in_scan_) return;
    scan()->attachments.push_back(attachment);
    scan()->attachments.back().memory = nullptr;
    if (attachment.offset == 0 && attachment.memory)
      scan()->attachment_heads.emplace_back(reinterpret_cast<const char*>(attachment.memory.get()),
                                            std::min<size_t>(head_bytes, attachment.size_bytes));
  }

  void on(const image::ScanEnd& end) {
    if (!in_scan_) return;
    scan()->end = end;
    scan()->pixels = hash_.finish();
    if (course_.cancelled == 1 && course_.scan_open_at_cancelled && !course_.outcome_after_cancel)
      course_.outcome_after_cancel = end.outcome;
    if (const std::string key = scan()->begin.key; !key.empty()) {
      const garita_status told = session_->stored(key, GARITA_STORED_DURABLE, now_ns() + close_ns);
      course_.stored_supported = course_.stored_supported || told == GARITA_OK;
    }
    in_scan_ = false;
    if (++all_scans_ == early_scans()) course_.early = watch_.look();
    if (plan_.close_after_scans != 0 && ++ended_scans_ >= plan_.close_after_scans) finished_ = true;
  }

  uint64_t early_scans() const { return std::max<uint64_t>(1, input_.scans / 10); }

  void look_at_strip(SeenScan& own, const image::Strip& strip, const image::View& view) {
    auto found = std::find_if(own.figures.begin(), own.figures.end(), [&](const PlaneFigures& each) {
      return each.view == strip.view && each.channel == strip.channel;
    });
    if (found == own.figures.end()) {
      own.figures.push_back({});
      found = std::prev(own.figures.end());
      found->view = strip.view, found->channel = strip.channel;
    }
    const auto correction = calibrations_.find(view.channels[strip.channel].calibration_id);
    const bool usable = correction && (*correction)->columns == view.columns;
    look_at(strip, view, usable ? correction->get() : nullptr, *found);
  }

  static void keep(SeenScan& own, const image::Strip& strip, const image::View& view, uint64_t row_bytes) {
    PlanePixels& plane = own.planes[{strip.view, strip.channel, strip.slice}];
    plane.columns = view.columns;
    plane.sample_bytes = image::sample_size_bytes(view.sample_type);
    for (uint32_t row = 0; row < strip.rows; ++row) {
      const std::byte* const begin = strip.memory.get() + row * strip.row_stride_bytes;
      plane.bytes.insert(plane.bytes.end(), begin, begin + row_bytes);
    }
  }

  // As the host does: looked for when a channel's first strip arrives.
  void check_calibration(SeenScan& own, const image::Strip& strip, const image::View& view) {
    if (view.fidelity != GARITA_FIDELITY_RAW_COUNTS || view.quantity != GARITA_QUANTITY_TRANSMISSION) return;
    if (!seen_channels_.insert({strip.view, strip.channel}).second) return;
    const auto found = calibrations_.find(view.channels[strip.channel].calibration_id);
    if (!found) return own.calibration_faults.push_back(found.error());
    const bool fits =
        (*found)->columns == view.columns && ((*found)->rows == 1 || (*found)->rows == view.rows);
    if (!fits)
      own.calibration_faults.push_back({base::Outcome::no,
                                        "conform.saw_calibration_shape",
                                        {{"view", view.name},
                                         {"columns", std::to_string((*found)->columns)},
                                         {"wanted", std::to_string(view.columns)}}});
  }

  struct Watched {
    image::Strip strip;
    uint64_t row_bytes;
    base::Digest digest;
  };

  static base::Digest digest_of(const image::Strip& strip, uint64_t row_bytes) {
    base::Sha256 hash;
    hash_rows(hash, strip, row_bytes);
    return hash.finish();
  }

  void watch(const image::Strip& strip, uint64_t row_bytes) {
    watched_.push_back({strip, row_bytes, digest_of(strip, row_bytes)});
    if (watched_.size() > watched_strips) watched_.pop_front();
  }

  void look_again() {
    for (const Watched& each : watched_)
      if (digest_of(each.strip, each.row_bytes) != each.digest) course_.strips_changed = true;
  }

  const load::Manifest& manifest_;
  const Input& input_;
  const Plan plan_;
  Stand stand_;
  Course course_;
  normalize::CalibrationStore calibrations_;
  base::Sha256 hash_;
  std::set<std::pair<uint32_t, uint32_t>> seen_channels_;
  std::deque<Watched> watched_;
  bool in_scan_ = false, finished_ = false, cancel_sent_ = false;
  uint32_t strips_ = 0;
  uint64_t ended_scans_ = 0, all_scans_ = 0;
  uint64_t quiet_since_ns_ = 0;
  WorkerFigures quiet_before_;
  WorkerWatch watch_;
  std::unique_ptr<load::Session> session_;  // last: closed before what it uses goes
};

}  // namespace

bool Course::whole_scan() const {
  return std::any_of(scans.begin(), scans.end(), [](const SeenScan& scan) { return scan.complete(); });
}

bool same_pixels(const SeenScan& a, const SeenScan& b) {
  return a.pixels == b.pixels && a.begin.views.size() == b.begin.views.size();
}

bool same_scan(const SeenScan& a, const SeenScan& b) {
  return a.begin.key == b.begin.key && a.pixels == b.pixels && a.complete() == b.complete() &&
         a.attributes.size() == b.attributes.size() && a.detections.size() == b.detections.size() &&
         a.readings.size() == b.readings.size();
}

bool same_scans(const Course& a, const Course& b, size_t& different) {
  different = 0;
  if (a.scans.size() != b.scans.size()) return false;
  for (size_t i = 0; i < a.scans.size(); ++i)
    if (!same_scan(a.scans[i], b.scans[i])) return different = i + 1, false;
  return true;
}

Course run(const load::Manifest& manifest, const Input& input, const host::Configuration& configuration,
           const Plan& plan) {
  return Runner(manifest, input, configuration, plan).go();
}

}  // namespace garita::conformance
