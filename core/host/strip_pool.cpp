#include "core/host/strip_pool.hpp"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <cstring>

namespace garita::host {
namespace {

constexpr uint64_t alignment_bytes = 64;

uint64_t rounded_up(uint64_t size_bytes) { return (size_bytes + 4095) / 4096 * 4096; }

std::chrono::steady_clock::time_point moment(uint64_t deadline_ns) {
  const uint64_t latest = INT64_MAX / 2;  // a deadline "for ever" must not wrap
  return std::chrono::steady_clock::time_point(std::chrono::nanoseconds(std::min(deadline_ns, latest)));
}

}  // namespace

void StripPool::Free::operator()(std::byte* data) const { std::free(data); }

std::shared_ptr<StripPool> StripPool::create(uint64_t total_bytes) {
  return std::shared_ptr<StripPool>(new StripPool(total_bytes));
}

load::Answer StripPool::alloc(uint64_t size_bytes, uint32_t count, uint64_t deadline_ns,
                              std::vector<load::StripMemory>& out) {
  const uint64_t capacity = rounded_up(size_bytes);
  const uint64_t wanted = capacity * count;
  if (size_bytes == 0 || size_bytes > GARITA_MAX_STRIP_BYTES || count == 0 || wanted > total_bytes_)
    return {GARITA_HOST_LIMIT, "these strips are larger than the host's pool"};
  std::unique_lock lock(mutex_);
  const bool room = returned_.wait_until(lock, moment(deadline_ns),
                                         [&] { return cancelled_ || out_bytes_ + wanted <= total_bytes_; });
  if (cancelled_) return {GARITA_CANCELLED, {}};
  if (!room) return {GARITA_TIMEOUT, {}};
  out.clear();
  for (uint32_t i = 0; i < count; ++i) out.push_back(take(capacity));
  return {};
}

load::StripMemory StripPool::take(uint64_t capacity_bytes) {
  const auto fits = std::find_if(idle_.begin(), idle_.end(),
                                 [&](const Idle& idle) { return idle.capacity_bytes == capacity_bytes; });
  std::byte* data = nullptr;
  if (fits != idle_.end()) {
    data = fits->buffer.release();
    idle_bytes_ -= capacity_bytes;
    idle_.erase(fits);
  } else {
    data = static_cast<std::byte*>(std::aligned_alloc(alignment_bytes, capacity_bytes));
    std::memset(data, 0, capacity_bytes);
  }
  out_bytes_ += capacity_bytes;
  return {std::shared_ptr<std::byte>(
              data, [pool = shared_from_this(), capacity_bytes](std::byte* d) { pool->give_back(d, capacity_bytes); }),
          capacity_bytes};
}

void StripPool::give_back(std::byte* data, uint64_t capacity_bytes) {
  Buffer buffer(data);
  {
    std::lock_guard lock(mutex_);
    out_bytes_ -= capacity_bytes;
    if (idle_bytes_ + capacity_bytes <= total_bytes_) {
      idle_bytes_ += capacity_bytes;
      idle_.push_back({std::move(buffer), capacity_bytes});
    }
  }
  returned_.notify_all();
}

void StripPool::raise_cancel() {
  {
    std::lock_guard lock(mutex_);
    cancelled_ = true;
  }
  returned_.notify_all();
}

void StripPool::lower_cancel() {
  std::lock_guard lock(mutex_);
  cancelled_ = false;
}

}  // namespace garita::host
