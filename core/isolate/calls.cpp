#include "core/isolate/isolated.hpp"

#include <algorithm>

#include "core/load/fault.hpp"
#include "core/load/status.hpp"
#include "garita/ext/message.h"

namespace garita::isolate {
namespace {

constexpr uint64_t cancel_wait_ns = 100'000'000;  // a driver's cancel only sets a flag

}  // namespace

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

}  // namespace garita::isolate
