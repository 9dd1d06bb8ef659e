#include "core/isolate/isolated.hpp"

#include "core/load/fault.hpp"
#include "core/load/status.hpp"

namespace garita::isolate {
namespace {

constexpr uint64_t idle_ns = 30'000'000'000;    // then the pool's pages go back to the system
constexpr uint64_t read_ahead_ns = 50'000'000;  // abi rule 8
constexpr uint32_t streaming = 2;  // so many strips in a row, and the next event is asked for ahead

}  // namespace

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

// A driver that only computes needs nobody until its answer is there. One that reads its stream must be
// served, or it would stand still while its host works.
void Isolated::read_ahead() {
  ahead_ns_ = now_ns() + read_ahead_ns;
  send_next(ahead_ns_);
  if (server_.reads() != reads_before_)
    second_hand_.begin([this, ahead_ns = ahead_ns_] { heard_ = hear_next(ahead_ns); });
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

}  // namespace garita::isolate
