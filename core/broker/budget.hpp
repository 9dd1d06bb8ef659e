// How much of what its address grants a stream has moved.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>

#include "core/broker/grant.hpp"

namespace garita::broker {

// Any thread.
class Budget {
 public:
  enum class Limit : uint8_t { none, bytes, rate };

  // moved: of the name, over all openings; outlives it.
  Budget(const Grant& grant, std::atomic<uint64_t>& moved)
      : max_bytes_(grant.max_bytes), max_rate_(grant.max_rate), moved_(moved), bucket_(static_cast<double>(max_rate_)) {}

  // How many of `wanted` bytes may pass now; fewer: limit says what stands in the way. whole: all or none.
  size_t take(size_t wanted, bool whole, uint64_t now_ns, Limit& limit) {
    limit = Limit::none;
    if (max_bytes_ == UINT64_MAX && max_rate_ == UINT64_MAX) return wanted;
    const std::lock_guard lock(mutex_);
    refill(now_ns);
    const uint64_t moved = moved_;
    uint64_t room = std::min<uint64_t>(wanted, max_bytes_ - std::min(max_bytes_, moved));
    if (room < wanted) limit = Limit::bytes;
    if (max_rate_ != UINT64_MAX && static_cast<double>(room) > bucket_) {
      room = static_cast<uint64_t>(bucket_);
      limit = Limit::rate;
    }
    if (whole && room < wanted) room = 0;
    bucket_ -= static_cast<double>(room);
    moved_ = moved + room;
    return static_cast<size_t>(room);
  }

  // What take gave and did not pass.
  void give_back(size_t bytes) {
    const std::lock_guard lock(mutex_);
    bucket_ += static_cast<double>(bytes);
    moved_ -= bytes;
  }

 private:
  void refill(uint64_t now_ns) {
    const double second_ns = 1e9;
    if (now_ns > last_ns_)
      bucket_ = std::min(static_cast<double>(max_rate_),
                         bucket_ + static_cast<double>(now_ns - last_ns_) / second_ns * static_cast<double>(max_rate_));
    last_ns_ = std::max(last_ns_, now_ns);
  }

  const uint64_t max_bytes_, max_rate_;
  std::mutex mutex_;
  std::atomic<uint64_t>& moved_;
  double bucket_;  // bytes that may pass at once: at most a second's worth
  uint64_t last_ns_ = 0;
};

}  // namespace garita::broker
