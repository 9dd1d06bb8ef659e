#include "core/isolate/isolated.hpp"

#include <sys/wait.h>

#include <chrono>
#include <csignal>
#include <cstring>
#include <thread>

#include "core/load/fault.hpp"

namespace garita::isolate {
namespace {

constexpr uint64_t last_words_ns = 100'000'000;  // of a driver that hangs

std::string signal_name(int number) {
  const char* name = sigabbrev_np(number);
  return name ? "SIG" + std::string(name) : "signal " + std::to_string(number);
}

}  // namespace

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
  return fault(call, "breach",
               {{"class", name_of(first.kind)},
                {"call", first.call},
                {"target", first.target},
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
       state.load(std::memory_order_acquire) != Trace::whole && monotonic_ns() < until_ns &&
       process_->lives();)
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
}

void Isolated::report(const base::Error& error, std::optional<int> status) {
  if (!options_.observer) return;
  CheckedTrace trace = check_trace(conversation_.trace(), manifest_);
  options_.observer->crashed({error, box_, status, std::move(trace.struck), std::move(trace.files),
                              server_.trail().calls(), server_.trail().streams(), process_->used(),
                              monotonic_ns()});
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
  if (heard.payload.flag() && heard.payload.ok())
    return server_.trail().ended(GARITA_OK), base::Result<void>();
  if (std::optional<base::Error> error = get_error(heard.payload)) {
    server_.trail().ended(error->status);
    return *std::move(error);
  }
  return end_of(How::lied, call, grace_ns);
}

}  // namespace garita::isolate
