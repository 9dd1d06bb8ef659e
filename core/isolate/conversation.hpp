// The host's end of the conversation (wire/messages.hpp): sends a command, serves the driver's host calls until the answer
// comes, and watches the clock and the process meanwhile. Nothing in the region is believed: payloads are copied before they
// are read, sizes clamped, message numbers counted here. Thread: that of the session's calls.
#pragma once

#include <cstdint>
#include <memory>

#include "core/isolate/call_server.hpp"
#include "core/isolate/process.hpp"
#include "core/isolate/wire/messages.hpp"
#include "core/isolate/wire/region.hpp"
#include "core/load/services.hpp"

namespace garita::isolate {

class Conversation {
 public:
  enum class How : uint8_t { answered, died, hung, lied, breached };
  struct Heard {
    How how = How::answered;
    OutsideReader payload;  // of the answer; good until the next hear
  };

  // services is asked for the time, where it is a replay's; outlives it.
  Conversation(Region region, uint32_t spin_us, load::Services& services);

  Control& control() const { return region_.control(); }
  const Trace& trace() const { return region_.trace(); }
  Writer begin() { return Writer(region_.to_worker()); }

  // Sends a command; hear() must follow before the next one.
  void send(Command command, const Writer& message);

  // deadline_ns is of the clock that the driver has. Serves until the answer comes; a driver that tries to leave its box is served no more. The driver may be
  // late by grace_ns: counted from the later of deadline_ns and now, without the time that host calls take. Then
  // it hangs. services gets the log lines.
  Heard hear(uint64_t deadline_ns, uint64_t grace_ns, const Process& process, CallServer& server,
             load::Services& services);

  void drain_log(load::Services& services);

 private:
  struct Watch;
  void tell_time();
  How await(const Process& process, Watch& watch);
  OutsideReader copy_payload();

  Region region_;
  load::Services* const replay_;  // whose clock is the driver's; null: the machine's is
  Waiter waiter_;
  uint32_t sent_ = 0, heard_ = 0;
  uint32_t log_tail_ = 0, log_lost_ = 0;
  std::unique_ptr<std::byte[]> copy_;
};

}  // namespace garita::isolate
