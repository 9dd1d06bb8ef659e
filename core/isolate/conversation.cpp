#include "core/isolate/conversation.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include "core/base/text.hpp"
#include "core/base/utf8.hpp"
#include "core/base/weaken.hpp"

namespace garita::isolate {
namespace {

using base::weakened;

constexpr uint64_t first_look_ns = 1'000'000;  // how soon the process is looked at while it owes an answer …
constexpr uint64_t last_look_ns = 20'000'000;  // … and then at most this far apart
constexpr uint32_t max_line_bytes = 4096;

uint64_t later(uint64_t moment_ns, uint64_t by_ns) {
  return moment_ns > UINT64_MAX - by_ns ? UINT64_MAX : moment_ns + by_ns;
}

}  // namespace

// When is the driver too late? The clock is read only where somebody has to wait: an answer that is there at
// once costs less than that.
struct Conversation::Watch {
  uint64_t due_ns, grace_ns;
  uint64_t served_ns = 0;  // spent in host calls after it was due
  bool runs = false;

  void start() {
    if (!std::exchange(runs, true)) due_ns = std::max(due_ns, monotonic_ns());
  }

  uint64_t limit_ns() const { return later(later(due_ns, grace_ns), served_ns); }
  // The longest that a host call may wait: a driver must not hold its host for ever with deadlines of its
  // own.
  uint64_t latest_wait_ns() const { return later(due_ns, grace_ns); }
  void served(uint64_t from_ns, uint64_t to_ns) {
    if (to_ns > due_ns) served_ns += to_ns - std::max(from_ns, due_ns);
  }
};

Conversation::Conversation(Region region, uint32_t spin_us, load::Services& services)
    : region_(std::move(region)),
      replay_(services.time_is_virtual() ? &services : nullptr),
      waiter_(spin_us),
      copy_(new std::byte[area_bytes]) {}

void Conversation::tell_time() {
  if (replay_) control().virtual_now_ns.store(std::max<uint64_t>(replay_->now_ns(), 1), std::memory_order_relaxed);
}

void Conversation::send(Command command, const Writer& message) {
  tell_time();
  post(region_.worker_box(), ++sent_, static_cast<uint32_t>(command), static_cast<uint32_t>(message.size()));
}

Conversation::Heard Conversation::hear(uint64_t deadline_ns, uint64_t grace_ns, const Process& process,
                                       CallServer& server, load::Services& services) {
  Mailbox& to_worker = region_.worker_box();
  // A driver is late by the machine's clock, whatever its own is.
  Watch watch{replay_ ? machine_time(deadline_ns, *replay_) : deadline_ns, grace_ns};
  for (;;) {
    const How how = await(process, watch);
    drain_log(services);
    if (how != How::answered) return {how, {}};
    if (process.breached() && !weakened("breach")) return {How::breached, {}};
    const uint32_t kind = region_.host_box().kind.load(std::memory_order_relaxed);
    OutsideReader payload = copy_payload();
    if (!server.take_released(payload)) return {How::lied, {}};
    if (kind == answer_kind) return {How::answered, payload};
    watch.start();
    const uint64_t before_ns = monotonic_ns();
    const uint64_t latest_ns =
        replay_ ? later(std::max(deadline_ns, replay_->now_ns()), grace_ns) : watch.latest_wait_ns();
    const auto size = server.serve(kind, payload, region_.to_worker(), latest_ns);
    if (!size) return {How::lied, {}};
    const uint64_t after_ns = monotonic_ns();
    watch.served(before_ns, after_ns);
    server.trail().timed(before_ns, after_ns - before_ns);
    tell_time();
    post(to_worker, ++sent_, result_kind, *size);
  }
}

Conversation::How Conversation::await(const Process& process, Watch& watch) {
  Mailbox& box = region_.host_box();
  for (uint64_t look_ns = first_look_ns; !waiter_.wait(box, heard_, look_ns);
       look_ns = std::min(look_ns * 2, last_look_ns)) {
    watch.start();
    const bool lives = process.lives();
    if (box.sequence.load(std::memory_order_acquire) != heard_) break;  // its last words
    if (!lives) return How::died;
    if (process.doomed(weakened("grace") ? 0 : monotonic_ns()) && !weakened("breach")) return How::breached;
    if (monotonic_ns() >= watch.limit_ns() && !weakened("watchdog")) return How::hung;
  }
  const uint32_t sequence = box.sequence.load(std::memory_order_acquire);
  return sequence == ++heard_ ? How::answered : How::lied;
}

OutsideReader Conversation::copy_payload() {
  const uint32_t size = std::min(region_.host_box().size.load(std::memory_order_relaxed), area_bytes);
  std::memcpy(copy_.get(), region_.to_host().data(), size);
  return OutsideReader(std::span<const std::byte>(copy_.get(), size));
}

void Conversation::drain_log(load::Services& services) {
  LogRing& ring = control().log;
  const uint32_t head = ring.head.load(std::memory_order_acquire);
  if (head == log_tail_) return;
  if (head - log_tail_ > log_bytes) log_tail_ = head;  // scribbled on: what is there means nothing
  const auto get = [&](uint32_t at, void* data, uint32_t count) {
    const uint32_t place = at % log_bytes, first = std::min(count, log_bytes - place);
    std::memcpy(data, region_.log() + place, first);
    std::memcpy(static_cast<char*>(data) + first, region_.log(), count - first);
  };
  while (head - log_tail_ >= 8) {
    uint32_t size = 0, level = 0;
    get(log_tail_, &size, 4);
    get(log_tail_ + 4, &level, 4);
    if (size > max_line_bytes || size > head - log_tail_ - 8) break;
    std::string line(size, '\0');
    get(log_tail_ + 8, line.data(), size);
    services.log(std::clamp(level, GARITA_LOG_DEBUG, GARITA_LOG_ERROR), base::valid_utf8(line));
    log_tail_ += 8 + (size + 3) / 4 * 4;
  }
  log_tail_ = head;
  ring.tail.store(head, std::memory_order_release);
  const uint32_t lost = ring.lost.load(std::memory_order_relaxed);
  if (lost == log_lost_) return;
  services.log(GARITA_LOG_WARNING, base::text(base::Language::en, "isolate.log_lost",
                                              {{{"count", std::to_string(lost - log_lost_)}}}));
  log_lost_ = lost;
}

}  // namespace garita::isolate
