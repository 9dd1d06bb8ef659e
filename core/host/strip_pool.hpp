// Strips for drivers that run in this process: 64-byte aligned buffers, reused, because faulting in fresh pages costs
// more than copying. A pool belongs to one session, so no driver ever sees another device's pixels.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "core/load/services.hpp"

namespace garita::host {

class StripPool : public std::enable_shared_from_this<StripPool> {
 public:
  // total_bytes bounds what is out at the same time: held by the driver, or delivered and not yet processed.
  static std::shared_ptr<StripPool> create(uint64_t total_bytes);

  // All or nothing. Waits while the pool is empty, until deadline_ns (CLOCK_MONOTONIC) or cancel.
  // Returns OK, TIMEOUT, CANCELLED, HOST_LIMIT (more than the pool will ever have).
  load::Answer alloc(uint64_t size_bytes, uint32_t count, uint64_t deadline_ns, std::vector<load::StripMemory>& out);

  void raise_cancel();  // from any thread
  void lower_cancel();

 private:
  struct Free {
    void operator()(std::byte* data) const;
  };
  using Buffer = std::unique_ptr<std::byte, Free>;
  struct Idle {
    Buffer buffer;
    uint64_t capacity_bytes;
  };

  explicit StripPool(uint64_t total_bytes) : total_bytes_(total_bytes) {}
  load::StripMemory take(uint64_t capacity_bytes);
  void give_back(std::byte* data, uint64_t capacity_bytes);

  const uint64_t total_bytes_;
  std::mutex mutex_;
  std::condition_variable returned_;
  uint64_t out_bytes_ = 0;
  uint64_t idle_bytes_ = 0;
  std::vector<Idle> idle_;
  bool cancelled_ = false;
};

}  // namespace garita::host
