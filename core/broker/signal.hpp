// The one lock of a broker and the bell that wakes its waiting caller. All feeds of a broker share it, so
// that a wait on many streams is one wait.
#pragma once

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>

#include "core/base/clock.hpp"

namespace garita::broker {

class Signal;

// Whoever makes a wait end other than by time and bells: a replay, whose clock moves only then.
class Pacer {
 public:
  virtual ~Pacer() = default;
  // As Signal::wait, and may let go of the lock meanwhile.
  virtual bool advance(std::unique_lock<std::mutex>& lock, Signal& signal, uint64_t deadline_ns) = 0;
};

class Signal {
 public:
  explicit Signal(const base::Clock& clock, Pacer* pacer = nullptr) : clock_(clock), pacer_(pacer) {}

  using Lock = std::unique_lock<std::mutex>;
  [[nodiscard]] Lock lock() { return Lock(mutex_); }

  // Waits until something rings. False: the deadline has passed.
  bool wait(Lock& lock, uint64_t deadline_ns) {
    if (pacer_) return pacer_->advance(lock, *this, deadline_ns);
    const uint64_t now_ns = clock_.monotonic_ns();
    if (now_ns >= deadline_ns) return false;
    // In steps, so that a deadline centuries ahead does not overflow the wait; every caller looks again after
    // each.
    const auto step = std::chrono::nanoseconds(std::min<uint64_t>(deadline_ns - now_ns, longest_wait_ns));
    changed_.wait_for(lock, step);
    return true;
  }

  // Of the machine's own time. True: something rang.
  bool sleep(Lock& lock, uint64_t for_ns) {
    const auto step = std::chrono::nanoseconds(std::min(for_ns, longest_wait_ns));
    return changed_.wait_for(lock, step) == std::cv_status::no_timeout;
  }

  void ring() { changed_.notify_all(); }

  bool cancelled = false;  // under the lock

 private:
  static constexpr uint64_t longest_wait_ns = 60'000'000'000;

  const base::Clock& clock_;
  Pacer* const pacer_;
  std::mutex mutex_;
  std::condition_variable changed_;
};

}  // namespace garita::broker
