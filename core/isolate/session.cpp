#include "core/isolate/session.hpp"

#include <sys/wait.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstring>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "core/isolate/box/reach.hpp"
#include "core/isolate/conversation.hpp"
#include "core/isolate/second_hand.hpp"
#include "core/load/event_check.hpp"
#include "core/load/fault.hpp"
#include "core/load/negotiate.hpp"
#include "core/load/status.hpp"
#include "garita/ext/message.h"

namespace garita::isolate {
namespace {

using How = Conversation::How;

constexpr uint64_t closing_ns = 2'000'000'000;    // of the destructor's own close
constexpr uint64_t cancel_wait_ns = 100'000'000;  // a driver's cancel only sets a flag
constexpr uint64_t idle_ns = 30'000'000'000;      // then the pool's pages go back to the system
constexpr uint64_t read_ahead_ns = 50'000'000;    // abi rule 8
constexpr uint32_t streaming = 2;  // so many strips in a row, and the next event is asked for ahead
constexpr uint64_t last_words_ns = 100'000'000;  // of a driver that hangs
constexpr uint64_t ms = 1'000'000;

std::string signal_name(int number) {
  const char* name = sigabbrev_np(number);
  return name ? "SIG" + std::string(name) : "signal " + std::to_string(number);
}

// What a number that a worker says for a status means here.
garita_status known_status(uint32_t given) {
  switch (load::class_of(given)) {
    case load::StatusClass::none:
      return GARITA_DRIVER_FAULT;
    case load::StatusClass::flow:
      return std::min(given, GARITA_WORKING);
    default:
      return given;
  }
}

class Isolated final : public load::Session {
 public:
  Isolated(const load::Manifest& manifest, load::Services& services, std::shared_ptr<SharedPool> pool,
           Region region, const WorkerOptions& options)
      : manifest_(manifest),
        services_(services),
        options_(options),
        pool_(std::move(pool)),
        server_(services, pool_),
        conversation_(std::move(region), options.spin_us, services_),
        check_(manifest_.name, manifest_.limits.max_scan_rows) {}

  ~Isolated() override {
    (void)close(now_ns() + closing_ns);
    finish();
  }

  base::Result<void> start(int region_fd);
  base::Result<void> load();
  base::Result<void> open(std::string_view model, std::string_view instance, uint64_t deadline_ns);

  load::Counts counts() const override { return told_counts_; }
  void catch_up() override { second_hand_.wait(); }
  load::Next next(uint64_t deadline_ns) override;
  void cancel() override;
  base::Result<void> close(uint64_t deadline_ns) override;
  garita_status stored(std::string_view scan_key, uint32_t outcome, uint64_t deadline_ns) override;
  base::Result<std::string> message(std::string_view id, std::string_view data,
                                    uint64_t deadline_ns) override;

 private:
  enum class State : uint8_t { opening, open, closed };

  Conversation::Heard hear(uint64_t deadline_ns, uint64_t grace_ns) {
    return conversation_.hear(deadline_ns, grace_ns, *process_, server_, services_);
  }
  void send(Command command, const Writer& message) {
    server_.trail().began(static_cast<uint32_t>(command));
    conversation_.send(command, message);
  }
  Conversation::Heard ask(Command command, const Writer& message, uint64_t deadline_ns, uint64_t grace_ns) {
    send(command, message);
    return hear(deadline_ns, grace_ns);
  }
  // The clock of the driver's deadlines.
  uint64_t now_ns() const { return services_.time_is_virtual() ? services_.now_ns() : monotonic_ns(); }
  void send_next(uint64_t deadline_ns);
  load::Next hear_next(uint64_t deadline_ns);
  load::Next hear_ahead(uint64_t ahead_ns);
  load::Next arrived(uint64_t deadline_ns);
  void read_ahead();
  void collect();
  uint64_t grace_ns() const { return options_.debugger ? UINT64_MAX : manifest_.limits.max_call_ms * ms; }
  BoxOrder box_order(Box box) const;
  base::Error fault(std::string_view call, std::string_view id, std::vector<base::Field> more = {}) const;
  base::Error breach(std::string_view call) const;
  base::Error end_of(How how, std::string_view call, uint64_t grace_ns);
  base::Error what_became(How how, std::string_view call, uint64_t grace_ns, Phase phase,
                          std::optional<int> status) const;
  void await_last_words();
  void report(const base::Error& error, std::optional<int> status);
  base::Result<void> plain_answer(Conversation::Heard heard, std::string_view call, uint64_t grace_ns);
  load::Next dead(base::Error error);
  load::Next heard_next(OutsideReader& in);
  load::Next event_of(OutsideReader& in);
  load::Next failure_of(garita_status status, OutsideReader& in);
  load::Next cancelled();
  void rest_when_idle();
  void finish();

  const load::Manifest manifest_;
  load::Services& services_;
  const WorkerOptions options_;
  const std::shared_ptr<SharedPool> pool_;
  CallServer server_;
  Conversation conversation_;
  load::EventCheck check_;
  std::unique_ptr<Process> process_;
  load::Counts own_counts_, worker_counts_, told_counts_;
  State state_ = State::opening;
  std::optional<base::Error> dead_;
  uint64_t ahead_ns_ = 0;  // the deadline of a next that was commanded ahead; 0: there is none
  uint32_t strips_in_row_ = 0;
  uint64_t reads_before_ = 0;            // of streams and objects, before the scan
  uint32_t stock_left_ = 0;              // by the worker's word
  std::optional<load::Next> collected_;  // read ahead, not yet delivered
  std::optional<load::Next> heard_;      // by the second hand, which has all of this to itself while it is busy
  uint64_t busy_ns_ = 0;                 // when the last event came; 0: the pool is at rest
  std::mutex cancel_mutex_;              // guards cancelling_ and, for cancel, that the device is open
  Box box_ = Box::B0;
  bool finished_ = false;
  uint32_t cancels_ = 0;
  bool cancelling_ = false;
  SecondHand second_hand_;  // serves a driver that reads ahead, while its host is at work on what came before
};

base::Result<void> Isolated::start(int region_fd) {
  std::vector<const load::PackageFile*> files = {&manifest_.driver};
  for (const load::PackageFile& file : manifest_.files) files.push_back(&file);
  const std::filesystem::path program = options_.program.empty() ? find_worker_program() : options_.program;
  const std::optional<Box> asked = options_.debugger ? std::optional(Box::B0) : options_.box;
  GARITA_TRY_ASSIGN(box, choose_box(program, asked, options_.required_box));
  box_ = box;
  std::vector<int> fds = {region_fd, pool_->fd()};
  Supervised supervised{{}, options_.decoy, options_.attempts, {}};
  if (!manifest_.granted_connects.empty()) supervised.connects = options_.connects;
  for (const load::PackageFile* file : files) {
    GARITA_TRY_ASSIGN(copy, sealed_copy(manifest_, *file));
    if (box == Box::B0) fds.push_back(copy);
    else supervised.files[boxed_folder + file->path] = copy;
  }
  auto process = box == Box::B0 ? Process::start(program, fds)
                                : Process::start(program, fds, box_order(box), std::move(supervised));
  if (!process) return std::move(process).error();
  process_ = std::move(*process);
  pool_->close_fd();
  if (options_.observer) options_.observer->started(process_->pid());
  if (options_.debugger) return options_.debugger(process_->pid());
  return {};
}

// What the manifest asks for, and room for what the worker needs itself. Address space is cheap and much of it never used:
// each thread's heap reserves some.
BoxOrder Isolated::box_order(Box box) const {
  constexpr uint64_t mib = 1u << 20;
  constexpr uint32_t spare_threads = 8;  // how many a driver says that it has is a rule for conformance; this is for bombs
  BoxOrder order;
  order.box = static_cast<uint32_t>(box);
  order.threads = manifest_.limits.max_threads + spare_threads;
  order.data_bytes = manifest_.limits.memory_mb * mib + order.threads * 8 * mib + 32 * mib;
  order.address_bytes = order.data_bytes + options_.pool_bytes + Region::size_bytes + 512 * mib + order.threads * 128 * mib;
  order.sockets = !manifest_.granted_connects.empty() && options_.connects ? 1 : 0;
  order.memory_bytes = manifest_.limits.memory_mb * mib + options_.pool_bytes + Region::size_bytes + 64 * mib;
  return order;
}

base::Error Isolated::fault(std::string_view call, std::string_view id, std::vector<base::Field> more) const {
  base::Error error{state_ == State::opening ? base::Outcome::not_loaded : base::Outcome::incomplete,
                    "isolate." + std::string(id),
                    {{"driver", manifest_.name}, {"event", std::string(call)}},
                    GARITA_DRIVER_FAULT};
  for (base::Field& field : more) error.fields.push_back(std::move(field));
  return error;
}

// Whatever else became of it: that it tried to leave is what counts.
base::Error Isolated::breach(std::string_view call) const {
  const Attempt first = process_->supervision()->first_breach().value_or(Attempt{});
  return fault(call, "breach", {{"class", name_of(first.kind)}, {"call", first.call}, {"target", first.target},
                                {"count", std::to_string(process_->supervision()->breaches())}});
}

// Ends the worker and says what became of it. The phase that it was in is its own word, and only chooses the
// sentence.
base::Error Isolated::end_of(How how, std::string_view call, uint64_t grace_ns) {
  const auto phase = static_cast<Phase>(conversation_.control().phase.load());
  if (how == How::hung) await_last_words();
  const std::optional<int> status = process_->end();
  conversation_.drain_log(services_);
  base::Error error = what_became(how, call, grace_ns, phase, status);
  if (how != How::lied) report(error, status);
  server_.close();
  return error;
}

// Where is it? Asked of what does not come back; a driver that blocks signals says nothing.
void Isolated::await_last_words() {
  process_->signal(ask_for_trace);
  const auto& state = conversation_.trace().state;
  for (const uint64_t until_ns = monotonic_ns() + last_words_ns;
       state.load(std::memory_order_acquire) != Trace::whole && monotonic_ns() < until_ns && process_->lives();)
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
}

void Isolated::report(const base::Error& error, std::optional<int> status) {
  if (!options_.observer) return;
  CheckedTrace trace = check_trace(conversation_.trace(), manifest_);
  options_.observer->crashed({error, box_, status, std::move(trace.struck), std::move(trace.files),
                              server_.trail().calls(), server_.trail().streams(), process_->used(), monotonic_ns()});
}

base::Error Isolated::what_became(How how, std::string_view call, uint64_t grace_ns, Phase phase,
                                  std::optional<int> status) const {
  if (process_->breached()) return breach(call);
  if (how == How::hung) return fault(call, "hung", {{"limit_ms", std::to_string(grace_ns / ms)}});
  if (how == How::lied) return fault(call, "lied", {{"what", "message"}});
  if (state_ == State::opening && phase == Phase::constructors)
    return load::fault(manifest_.name, "garita_driver_entry", "constructor",
                       {{"path", manifest_.binary().string()}}, GARITA_DRIVER_FAULT,
                       base::Outcome::not_loaded);
  if (!status) return fault(call, "died");
  if (WIFSIGNALED(*status)) return fault(call, "crashed", {{"signal", signal_name(WTERMSIG(*status))}});
  if (WEXITSTATUS(*status) == exit_thread_ended) return fault(call, "thread_ended");
  return fault(call, "exited", {{"code", std::to_string(WEXITSTATUS(*status))}});
}

base::Result<void> Isolated::plain_answer(Conversation::Heard heard, std::string_view call,
                                          uint64_t grace_ns) {
  if (heard.how != How::answered) return end_of(heard.how, call, grace_ns);
  if (heard.payload.flag() && heard.payload.ok()) return server_.trail().ended(GARITA_OK), base::Result<void>();
  if (std::optional<base::Error> error = get_error(heard.payload)) {
    server_.trail().ended(error->status);
    return *std::move(error);
  }
  return end_of(How::lied, call, grace_ns);
}

base::Result<void> Isolated::load() {
  Writer message = conversation_.begin();
  put_manifest(message, manifest_);
  const uint64_t grace = options_.debugger ? UINT64_MAX : options_.load_ms * ms;
  return plain_answer(ask(Command::load, message, 0, grace), "garita_driver_entry", grace);
}

base::Result<void> Isolated::open(std::string_view model, std::string_view instance, uint64_t deadline_ns) {
  Writer message = conversation_.begin();
  message.text(model);
  message.text(instance);
  message.put(deadline_ns);
  const garita_limits& limits = server_.limits();
  message.put(limits.max_event_bytes);
  message.put(limits.max_strip_bytes);
  message.put(limits.max_attachment_bytes);
  for (uint32_t limit :
       {limits.max_held_strips, limits.max_held_objects, limits.max_streams, limits.max_message_bytes})
    message.put(limit);
  GARITA_TRY(plain_answer(ask(Command::open, message, deadline_ns, grace_ns()), "open", grace_ns()));
  state_ = State::open;
  return {};
}

load::Next Isolated::next(uint64_t deadline_ns) {
  catch_up();
  if (dead_) return {dead_->status, {}, *dead_};
  if (state_ != State::open)
    return dead(load::fault(manifest_.name, "next", "closed", {}, GARITA_WRONG_STATE));
  if (collected_) return *std::exchange(collected_, std::nullopt);
  load::Next got = arrived(deadline_ns);
  told_counts_ = {own_counts_.unknown_events + worker_counts_.unknown_events,
                  own_counts_.unknown_values + worker_counts_.unknown_values,
                  own_counts_.dropped_attributes + worker_counts_.dropped_attributes,
                  own_counts_.cut_texts + worker_counts_.cut_texts};
  strips_in_row_ = std::holds_alternative<image::Strip>(got.event) ? strips_in_row_ + 1 : 0;
  if (strips_in_row_ >= streaming) read_ahead();
  return got;
}

// What was asked for ahead, or else what is asked for now.
load::Next Isolated::arrived(uint64_t deadline_ns) {
  const uint64_t ahead_ns = std::exchange(ahead_ns_, 0);
  if (ahead_ns != 0) {
    load::Next got = hear_ahead(ahead_ns);
    if (got.status != GARITA_TIMEOUT || now_ns() >= deadline_ns) return got;
  }
  send_next(deadline_ns);
  return hear_next(deadline_ns);
}

// A driver that only computes needs nobody until its answer is there. One that reads its stream must be served, or it would
// stand still while its host works.
void Isolated::read_ahead() {
  ahead_ns_ = now_ns() + read_ahead_ns;
  send_next(ahead_ns_);
  if (server_.reads() != reads_before_) second_hand_.begin([this, ahead_ns = ahead_ns_] { heard_ = hear_next(ahead_ns); });
}

load::Next Isolated::hear_ahead(uint64_t ahead_ns) {
  catch_up();
  if (!heard_) return hear_next(ahead_ns);
  load::Next got = *std::move(heard_);
  heard_.reset();
  return got;
}

void Isolated::send_next(uint64_t deadline_ns) {
  Writer message = conversation_.begin();
  message.put(deadline_ns);
  server_.grant_ahead(message, strips_in_row_ >= streaming ? stock_left_ : max_stock);
  send(Command::next, message);
}

load::Next Isolated::hear_next(uint64_t deadline_ns) {
  Conversation::Heard heard = hear(deadline_ns, grace_ns());
  if (heard.how != How::answered) return dead(end_of(heard.how, "next", grace_ns()));
  return heard_next(heard.payload);
}

// Before any other command: what was read ahead is kept, and delivered first.
void Isolated::collect() {
  const uint64_t ahead_ns = std::exchange(ahead_ns_, 0);
  if (ahead_ns == 0) return;
  load::Next got = hear_ahead(ahead_ns);
  if (got.status != GARITA_TIMEOUT && got.status != GARITA_WORKING) collected_ = std::move(got);
}

load::Next Isolated::heard_next(OutsideReader& in) {
  const uint32_t status = in.get<uint32_t>().made(known_status);
  get_counts(in, worker_counts_);
  stock_left_ = in.get<uint8_t>().clamped(max_stock);
  if (!in.ok()) return dead(end_of(How::lied, "next", 0));
  server_.trail().ended(status);
  if (status == GARITA_OK) return event_of(in);
  if (status == GARITA_CANCELLED) return cancelled();
  if (load::class_of(status) != load::StatusClass::flow) return failure_of(status, in);
  if (status == GARITA_TIMEOUT) rest_when_idle();
  return {status, {}, {}};
}

// The worker has checked the event already; here it is outside data once more.
load::Next Isolated::event_of(OutsideReader& in) {
  std::string what;
  std::optional<Untrusted<image::Event>> outside = decode_event(in, server_, what);
  if (!outside) {
    (void)end_of(How::lied, "next", 0);
    return dead(fault("next", "lied", {{"what", what}}));
  }
  base::Result<image::Event> event =
      std::move(*outside).verified([this](image::Event& given) { return check_.check(given, own_counts_); });
  if (!event) {
    (void)end_of(How::lied, "next", 0);
    return dead(std::move(event).error());
  }
  if (std::holds_alternative<image::ScanBegin>(*event)) reads_before_ = server_.reads();
  if (std::holds_alternative<image::ScanEnd>(*event)) server_.take_back_strips();
  busy_ns_ = 1;
  return {GARITA_OK, std::move(*event), {}};
}

load::Next Isolated::failure_of(garita_status status, OutsideReader& in) {
  std::optional<base::Error> error = get_error(in);
  if (!error || error->status != status) return dead(end_of(How::lied, "next", 0));
  switch (load::class_of(status)) {
    case load::StatusClass::data:
      check_.data_failed();
      [[fallthrough]];
    case load::StatusClass::device:
      return {status, {}, *std::move(error)};
    default:
      return dead(*std::move(error));
  }
}

load::Next Isolated::dead(base::Error error) {
  server_.take_back_strips();
  dead_ = error;
  return {error.status, {}, std::move(error)};
}

load::Next Isolated::cancelled() {
  {
    const std::lock_guard lock(cancel_mutex_);
    cancelling_ = false;
    services_.lower_cancel();
    pool_->lower_cancel();
  }
  server_.take_back_strips();
  return {GARITA_CANCELLED, {}, {}};
}

// Only where nothing came for a while, and then once.
void Isolated::rest_when_idle() {
  if (busy_ns_ == 0) return;
  const uint64_t now_ns = monotonic_ns();
  if (busy_ns_ == 1) busy_ns_ = now_ns;
  if (now_ns - busy_ns_ < idle_ns) return;
  pool_->trim();
  busy_ns_ = 0;
}

// abi rule 11's order: tell the driver, then let waiting host calls answer CANCELLED. A next that answers
// CANCELLED meanwhile waits in cancelled() for the lock, and lowers both.
void Isolated::cancel() {
  const std::lock_guard lock(cancel_mutex_);
  if (state_ != State::open) return;
  Cancel& shared = conversation_.control().cancel;
  shared.requested.store(++cancels_, std::memory_order_release);
  futex_wake(shared.requested);
  const uint64_t until_ns = monotonic_ns() + cancel_wait_ns;
  for (uint64_t now_ns = 0; (now_ns = monotonic_ns()) < until_ns && process_->lives();) {
    const uint32_t done = shared.done.load(std::memory_order_acquire);
    if (done == cancels_) break;
    futex_wait(shared.done, done, std::min(until_ns - now_ns, 5 * ms));
  }
  cancelling_ = true;
  services_.raise_cancel();
  pool_->raise_cancel();
}

base::Result<void> Isolated::close(uint64_t deadline_ns) {
  {
    const std::lock_guard lock(cancel_mutex_);
    if (state_ != State::open) return {};
    state_ = State::closed;
    if (std::exchange(cancelling_, false)) {
      services_.lower_cancel();
      pool_->lower_cancel();
    }
  }
  base::Result<void> closed;
  collect();
  if (process_->lives()) {
    Writer message = conversation_.begin();
    message.put(deadline_ns);
    closed = plain_answer(ask(Command::close, message, deadline_ns, grace_ns()), "close", grace_ns());
  }
  finish();
  return closed;
}

void Isolated::finish() {
  if (!process_ || finished_) return;
  finished_ = true;
  (void)process_->end();
  if (options_.observer) options_.observer->ended(process_->used());
  conversation_.drain_log(services_);
  server_.close();
}

garita_status Isolated::stored(std::string_view scan_key, uint32_t outcome, uint64_t deadline_ns) {
  if (state_ == State::open) collect();
  if (dead_ || state_ != State::open) return GARITA_WRONG_STATE;
  Writer message = conversation_.begin();
  message.text(scan_key);
  message.put(outcome);
  message.put(deadline_ns);
  Conversation::Heard heard = ask(Command::stored, message, deadline_ns, grace_ns());
  const garita_status status = heard.payload.get<uint32_t>().made(known_status);
  server_.trail().ended(status);
  if (heard.how == How::answered && heard.payload.ok()) return status;
  return dead(end_of(heard.how == How::answered ? How::lied : heard.how, "stored", grace_ns())).status;
}

base::Result<std::string> Isolated::message(std::string_view id, std::string_view data,
                                            uint64_t deadline_ns) {
  catch_up();
  if (dead_) return *dead_;
  if (state_ != State::open) return load::fault(manifest_.name, "message", "closed", {}, GARITA_WRONG_STATE);
  if (data.size() > GARITA_MAX_MESSAGE_BYTES)
    return load::fault(
        manifest_.name, "message", "message_size",
        {{"size", std::to_string(data.size())}, {"limit", std::to_string(GARITA_MAX_MESSAGE_BYTES)}},
        GARITA_INVALID_ARGUMENT, base::Outcome::usage);
  collect();
  if (dead_) return *dead_;
  Writer out = conversation_.begin();
  out.text(id);
  out.text(data);
  out.put(deadline_ns);
  Conversation::Heard heard = ask(Command::message, out, deadline_ns, grace_ns());
  if (heard.how != How::answered) return dead(end_of(heard.how, "message", grace_ns())).error;
  if (heard.payload.flag()) {
    const auto fits = [](const std::string& answer) { return answer.size() <= GARITA_MAX_MESSAGE_BYTES; };
    auto answer = heard.payload.text(GARITA_MAX_MESSAGE_BYTES).checked(fits);
    if (answer && heard.payload.ok()) return *std::move(answer);
  } else if (std::optional<base::Error> error = get_error(heard.payload)) {
    return *std::move(error);
  }
  return dead(end_of(How::lied, "message", 0)).error;
}

base::Result<std::unique_ptr<Isolated>> started(const load::Manifest& manifest, load::Services& services,
                                                const WorkerOptions& options) {
  GARITA_TRY(load::ranges_meet(manifest));
  const base::Error no_memory{
      base::Outcome::not_loaded, "isolate.no_memory", {{"driver", manifest.name}}, GARITA_HOST_FAILURE};
  std::shared_ptr<SharedPool> pool = SharedPool::create(options.pool_bytes);
  const Descriptor memory = sealed_memory("garita-region", Region::size_bytes);
  std::optional<Mapping> mapping = memory ? Mapping::of(memory.get(), Region::size_bytes) : std::nullopt;
  if (!pool || !mapping) return no_memory;
  Region region(std::move(*mapping));
  region.control().header = {region_magic, region_version, options.spin_us, options.debugger ? flag_debugged : 0};
  auto session = std::make_unique<Isolated>(manifest, services, std::move(pool), std::move(region), options);
  GARITA_TRY(session->start(memory.get()));
  GARITA_TRY(session->load());
  return session;
}

// What a driver is granted that is only loaded: nothing asks for it.
class NoServices final : public load::Services {
 public:
  load::Answer stream_open(std::string_view, uint64_t, garita_stream_info&, uint32_t&) override {
    return none();
  }
  load::Answer stream_read(uint32_t, std::span<std::byte>, uint64_t, load::ReadInfo&) override {
    return none();
  }
  load::Answer stream_write(uint32_t, std::span<const std::byte>, uint64_t, uint32_t&) override {
    return none();
  }
  load::Answer stream_wait(std::span<const uint32_t>, uint64_t, uint64_t&, std::span<uint64_t>) override {
    return none();
  }
  load::Answer stream_close(uint32_t) override { return none(); }
  load::Answer object_next(uint32_t, uint64_t, load::ObjectInfo&) override { return none(); }
  load::Answer object_sibling(uint64_t, std::string_view, load::ObjectInfo&) override { return none(); }
  load::Answer object_read_at(uint64_t, uint64_t, std::span<std::byte>, uint32_t&) override { return none(); }
  load::Answer object_done(uint64_t) override { return none(); }
  load::Answer object_reject(uint64_t, uint32_t, std::string_view) override { return none(); }
  load::Answer strip_alloc(uint64_t, uint32_t, uint64_t, std::vector<load::StripMemory>&) override {
    return none();
  }
  uint64_t now_ns() override { return monotonic_ns(); }
  void log(uint32_t, std::string_view) override {}
  const image::Value* config(std::string_view) override { return nullptr; }
  load::Answer text_to_utf8(std::string_view, std::span<const std::byte>, std::string&) override {
    return none();
  }
  const garita_limits& limits() const override { return limits_; }
  void raise_cancel() override {}
  void lower_cancel() override {}

 private:
  static load::Answer none() { return {GARITA_NOT_SUPPORTED, {}}; }
  garita_limits limits_{};
};

}  // namespace

base::Result<std::unique_ptr<load::Session>> open_isolated(const load::Manifest& manifest,
                                                           load::Services& services, std::string_view model,
                                                           std::string_view instance, uint64_t deadline_ns,
                                                           const WorkerOptions& options) {
  GARITA_TRY_ASSIGN(session, started(manifest, services, options));
  GARITA_TRY(session->open(model, instance, deadline_ns));
  return std::unique_ptr<load::Session>(std::move(session));
}

base::Result<void> try_loading(const load::Manifest& manifest, const WorkerOptions& options) {
  NoServices services;
  WorkerOptions small = options;
  small.pool_bytes = 4096;
  GARITA_TRY_ASSIGN(session, started(manifest, services, small));
  return {};
}

}  // namespace garita::isolate
