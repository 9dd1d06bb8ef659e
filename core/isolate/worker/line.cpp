#include "core/isolate/worker/line.hpp"

#include <algorithm>
#include <cstring>

namespace garita::isolate {

Line::Line(Region region) : region_(std::move(region)), waiter_(control().header.spin_us) {}

std::span<const std::byte> Line::await() {
  Mailbox& box = region_.worker_box();
  while (!waiter_.wait(box, received_, UINT64_MAX)) {
  }
  received_ = box.sequence.load(std::memory_order_acquire);
  return region_.to_worker().first(std::min(box.size.load(std::memory_order_relaxed), area_bytes));
}

Command Line::await_command(Reader& payload) {
  phase(Phase::idle);
  payload = Reader(await());
  phase(Phase::in_call);
  return static_cast<Command>(region_.worker_box().kind.load(std::memory_order_relaxed));
}

Writer Line::begin() {
  Writer message(region_.to_host());
  const auto count = static_cast<uint32_t>(std::min<size_t>(released_.size(), max_released));
  message.put(count);
  for (uint32_t i = 0; i < count; ++i) message.put(released_[i]);
  released_.erase(released_.begin(), released_.begin() + count);
  return message;
}

void Line::send(uint32_t kind, const Writer& message) {
  post(region_.host_box(), ++sent_, kind, static_cast<uint32_t>(message.size()));
}

Reader Line::call(HostCall call, const Writer& message) {
  send(static_cast<uint32_t>(call), message);
  return Reader(await());
}

void Line::answer(const Writer& message) { send(answer_kind, message); }

void Line::log(uint32_t level, std::string_view text) {
  const std::lock_guard lock(log_mutex_);
  LogRing& ring = control().log;
  const uint32_t size = static_cast<uint32_t>(std::min<size_t>(text.size(), 4096));
  const uint32_t padded = 8 + (size + 3) / 4 * 4;
  const uint32_t head = ring.head.load(std::memory_order_relaxed);
  if (log_bytes - (head - ring.tail.load(std::memory_order_acquire)) < padded) {
    ring.lost.fetch_add(1, std::memory_order_relaxed);
    return;
  }
  const auto put = [&](uint32_t at, const void* data, uint32_t count) {  // around the end
    const uint32_t place = at % log_bytes, first = std::min(count, log_bytes - place);
    std::memcpy(region_.log() + place, data, first);
    std::memcpy(region_.log(), static_cast<const char*>(data) + first, count - first);
  };
  put(head, &size, 4);
  put(head + 4, &level, 4);
  put(head + 8, text.data(), size);
  ring.head.store(head + padded, std::memory_order_release);
}

}  // namespace garita::isolate
