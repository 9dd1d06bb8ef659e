// The session of a driver in its worker: open_isolated's, in the room alone. Opened and begun in session.cpp,
// its events in events.cpp, the other calls in calls.cpp, how a worker ends in ending.cpp.
//
// Threads: its owner's alone, but cancel(), which any may call, and the second hand: between two of the
// owner's calls that thread may be in hear_next() and has everything of here to itself until catch_up().
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "core/isolate/call_server.hpp"
#include "core/isolate/conversation.hpp"
#include "core/isolate/process.hpp"
#include "core/isolate/second_hand.hpp"
#include "core/isolate/session.hpp"
#include "core/load/event_check.hpp"

namespace garita::isolate {

inline constexpr uint64_t ms = 1'000'000;           // in nanoseconds
inline constexpr uint64_t closing_ns = 2'000 * ms;  // of the destructor's own close

// What a number that a worker says for a status means here.
garita_status known_status(uint32_t given);

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
  using How = Conversation::How;
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
  std::optional<load::Next> heard_;  // by the second hand, which has all of this to itself while it is busy
  uint64_t busy_ns_ = 0;             // when the last event came; 0: the pool is at rest
  std::mutex cancel_mutex_;          // guards cancelling_ and, for cancel, that the device is open
  Box box_ = Box::B0;
  bool finished_ = false;
  uint32_t cancels_ = 0;
  bool cancelling_ = false;
  SecondHand second_hand_;  // serves a driver that reads ahead, while its host is at work on what came before
};

}  // namespace garita::isolate
