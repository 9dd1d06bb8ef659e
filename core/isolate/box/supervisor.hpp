// Who answers what a boxed driver is not allowed to do. One thread for all boxes of this process: it reads
// each notification, says what was tried, hands in a file of the driver's own package or refuses, and lets
// nothing through: the kernel carries out no call that ever came here.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/isolate/box/attempt.hpp"
#include "core/isolate/wire/region.hpp"

namespace garita::isolate {

inline constexpr uint64_t breach_grace_ns =
    250'000'000;  // a driver that breached goes on for this long: to see what it wants
inline constexpr uint64_t max_kept_attempts = 256;  // of one box; what is more is counted
inline constexpr uint64_t flood_of_breaches = 1000;
inline constexpr uint64_t flood_a_second = 100'000;  // of calls that are no breach

struct Supervised {
  std::map<std::string, int>
      files;                    // by the path that the driver sees; the descriptors outlive the supervision
  bool decoy = false;           // hand out sockets that lead nowhere, to see where they were to go
  AttemptSink* sink = nullptr;  // outlives it
  // Granted connects: what answers a connect to that address, "192.168.7.20:7001", as decode_call writes it. nullopt: it is
  // not granted, a breach. -1: granted, but there is nobody now. Else the connected end of a pair, the caller's. Called on
  // the supervisor's thread; must not wait. Empty: the driver has no such grants.
  std::function<std::optional<int>(std::string_view address)> connects;
};

class Supervision {
 public:
  // nullptr: the system gives no thread or descriptor.
  static std::unique_ptr<Supervision> start(Descriptor listener, Supervised what);
  // On return the sink is called no more.
  ~Supervision();

  // CLOCK_MONOTONIC of the first breach; 0: none so far. Any thread.
  uint64_t breached_ns() const;
  bool flooded() const;  // answered no more: it waits for its end
  uint64_t breaches() const;
  std::optional<Attempt> first_breach() const;

 private:
  struct State;
  class Thread;
  explicit Supervision(std::shared_ptr<State> state) : state_(std::move(state)) {}
  const std::shared_ptr<State> state_;
};

}  // namespace garita::isolate
