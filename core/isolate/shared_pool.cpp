#include "core/isolate/shared_pool.hpp"

#include "core/isolate/wire/messages.hpp"

#include <sys/mman.h>

#include <algorithm>
#include <chrono>

namespace garita::isolate {
namespace {

constexpr uint64_t page_bytes = strip_page_bytes;

std::chrono::steady_clock::time_point moment(uint64_t deadline_ns) {
  const uint64_t latest = INT64_MAX / 2;  // a deadline "for ever" must not wrap
  return std::chrono::steady_clock::time_point(std::chrono::nanoseconds(std::min(deadline_ns, latest)));
}

}  // namespace

SharedPool::SharedPool(Descriptor memory, Mapping mapping)
    : memory_(std::move(memory)), mapping_(std::move(mapping)) {
  free_[0] = mapping_.size();
}

std::shared_ptr<SharedPool> SharedPool::create(uint64_t total_bytes) {
  total_bytes = (total_bytes + page_bytes - 1) / page_bytes * page_bytes;
  Descriptor memory = sealed_memory("garita-strips", total_bytes);
  if (!memory) return nullptr;
  std::optional<Mapping> mapping = Mapping::of(memory.get(), total_bytes);
  if (!mapping) return nullptr;
  return std::shared_ptr<SharedPool>(new SharedPool(std::move(memory), std::move(*mapping)));
}

load::Answer SharedPool::alloc(uint64_t size_bytes, uint32_t count, uint64_t deadline_ns,
                               std::vector<Slice>& out) {
  if (size_bytes == 0 || size_bytes > GARITA_MAX_STRIP_BYTES || count == 0)
    return {GARITA_HOST_LIMIT, "no such strips"};
  const uint64_t capacity = (size_bytes + page_bytes - 1) / page_bytes * page_bytes;
  if (count > total_bytes() / capacity)
    return {GARITA_HOST_LIMIT, "these strips are larger than the host's pool"};
  std::vector<uint64_t> offsets;
  {
    std::unique_lock lock(mutex_);
    const bool room = returned_.wait_until(lock, moment(deadline_ns),
                                           [&] { return cancelled_ || take(capacity, count, offsets); });
    if (cancelled_ && offsets.empty()) return {GARITA_CANCELLED, {}};
    if (!room) return {GARITA_TIMEOUT, {}};
  }
  for (uint64_t offset : offsets)
    out.push_back({offset,
                   {std::shared_ptr<std::byte>(mapping_.data() + offset,
                                               [pool = shared_from_this(), offset, capacity](std::byte*) {
                                                 pool->give_back(offset, capacity);
                                               }),
                    capacity}});
  return {};
}

// The lowest runs that are long enough; none of them where not all are to be had.
bool SharedPool::take(uint64_t size_bytes, uint32_t count, std::vector<uint64_t>& offsets) {
  for (auto run = free_.begin(); run != free_.end() && offsets.size() < count;) {
    if (run->second < size_bytes) {
      ++run;
      continue;
    }
    const auto [offset, left] = std::pair(run->first, run->second - size_bytes);
    free_.erase(run);
    offsets.push_back(offset);
    run = left == 0 ? free_.upper_bound(offset) : free_.emplace(offset + size_bytes, left).first;
  }
  if (offsets.size() == count) return true;
  for (uint64_t offset : offsets) put_back(offset, size_bytes);
  offsets.clear();
  return false;
}

void SharedPool::put_back(uint64_t offset, uint64_t size_bytes) {
  auto run = free_.emplace(offset, size_bytes).first;
  if (const auto after = std::next(run); after != free_.end() && run->first + run->second == after->first) {
    run->second += after->second;
    free_.erase(after);
  }
  if (run == free_.begin()) return;
  const auto before = std::prev(run);
  if (before->first + before->second != run->first) return;
  before->second += run->second;
  free_.erase(run);
}

void SharedPool::give_back(uint64_t offset, uint64_t size_bytes) {
  {
    const std::lock_guard lock(mutex_);
    put_back(offset, size_bytes);
  }
  returned_.notify_all();
}

void SharedPool::raise_cancel() {
  {
    const std::lock_guard lock(mutex_);
    cancelled_ = true;
  }
  returned_.notify_all();
}

void SharedPool::lower_cancel() {
  const std::lock_guard lock(mutex_);
  cancelled_ = false;
}

void SharedPool::trim() {
  const std::lock_guard lock(mutex_);
  for (const auto& [offset, size] : free_) madvise(mapping_.data() + offset, size, MADV_REMOVE);
}

}  // namespace garita::isolate
