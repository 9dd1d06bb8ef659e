// What passes an open stream: bytes both ways, the wait for them, and objects.
#include <algorithm>

#include "core/broker/broker_inside.hpp"

namespace garita::broker {

Answer Broker::read(uint32_t id, std::span<std::byte> out, uint64_t deadline_ns, ReadInfo& info) {
  Inside& in = *inside_;
  info = {};
  Inside::Open* open = in.find(id);
  if (!open) return stale(id);
  if (out.empty()) return fails(open->channel->error("broker.empty_read", GARITA_INVALID_ARGUMENT));
  Feed& feed = open->channel->feed();
  auto lock = in.signal->lock();
  while (!in.signal->cancelled && !feed.ready())
    if (!in.signal->wait(lock, deadline_ns)) return {GARITA_TIMEOUT, {}};
  if (in.signal->cancelled) return {GARITA_CANCELLED, {}};

  Moment last;
  const bool was_full = feed.full();
  const bool datagrams = open->stream->info().kind == GARITA_STREAM_DATAGRAMS;
  const uint64_t most =
      datagrams ? UINT32_MAX : std::min<uint64_t>(open->channel->grant().chunk_bytes, UINT32_MAX);
  const auto room = out.first(std::min<size_t>(out.size(), most));
  const size_t size = datagrams ? feed.take_datagram(room, last) : feed.take(room, last);
  if (size == 0) return {feed.end_status(), feed.end_error()};
  info.dropped = feed.take_dropped();
  info.size_bytes = static_cast<uint32_t>(size);
  info.received_ns = last.ns;
  info.received_utc_ns = last.utc_ns;
  if (was_full && !feed.full()) asio::post(in.io, [stream = open->stream] { stream->resume(); });
  if (size > room.size())
    return fails(open->channel->error("broker.datagram_cut", GARITA_BUFFER_TOO_SMALL, std::to_string(size)));
  return {};
}

Answer Broker::write(uint32_t id, std::span<const std::byte> data, uint64_t deadline_ns, uint32_t& written) {
  Inside& in = *inside_;
  written = 0;
  Inside::Open* open = in.find(id);
  if (!open) return stale(id);
  if (data.size() > UINT32_MAX)
    return fails(open->channel->error("broker.write_too_large", GARITA_INVALID_ARGUMENT));
  auto lock = in.signal->lock();
  while (!data.empty()) {
    if (in.signal->cancelled) return {GARITA_CANCELLED, {}};
    const Feed& feed = open->channel->feed();
    if (feed.ended() && feed.end_status() != GARITA_END) return {feed.end_status(), feed.end_error()};
    size_t granted = 0, taken = 0;
    Answer answer = open->channel->may_send(data.size(), granted);
    if (granted == 0) return answer;
    answer = open->stream->send(data.first(granted), taken);
    open->channel->not_sent(granted - taken);
    if (taken > 0) {
      lock.unlock();
      open->channel->sent(data.first(taken));
      written += static_cast<uint32_t>(taken);
      data = data.subspan(taken);
      lock.lock();
    } else if (answer.status == GARITA_TIMEOUT) {
      if (!in.signal->wait(lock, deadline_ns)) return answer;
    } else {
      return answer;
    }
  }
  return {};
}

Answer Broker::wait(std::span<const uint32_t> ids, uint64_t deadline_ns, uint64_t& ready_bits,
                    std::span<uint64_t> oldest_received_ns) {
  Inside& in = *inside_;
  ready_bits = 0;
  std::fill(oldest_received_ns.begin(), oldest_received_ns.end(), 0);
  if (ids.empty() || ids.size() > GARITA_MAX_WAIT_STREAMS ||
      (!oldest_received_ns.empty() && oldest_received_ns.size() != ids.size()))
    return fails(plain("broker.bad_wait", GARITA_INVALID_ARGUMENT, {{"count", std::to_string(ids.size())}}));
  std::vector<const Inside::Open*> streams;
  bool has_inbox = false;
  for (const uint32_t id : ids) {
    Inside::Open* open = in.find(id);
    if (!open) return stale(id);
    streams.push_back(open);
    has_inbox = has_inbox || open->inbox;
  }
  auto lock = in.signal->lock();
  while (true) {
    if (in.signal->cancelled) return {GARITA_CANCELLED, {}};
    for (size_t i = 0; i < streams.size(); ++i) {
      const Feed& feed = streams[i]->channel->feed();
      uint64_t oldest_ns = 0;
      if (streams[i]->inbox && !feed.ended()) {
        if (!streams[i]->inbox->ready(oldest_ns)) continue;
      } else {
        if (!feed.ready()) continue;
        oldest_ns = feed.oldest_ns();
      }
      ready_bits |= uint64_t{1} << i;
      if (!oldest_received_ns.empty()) oldest_received_ns[i] = oldest_ns;
    }
    if (ready_bits != 0) return {};
    const uint64_t now_ns = in.clock.monotonic_ns();
    if (now_ns >= deadline_ns) return {GARITA_TIMEOUT, {}};
    (void)in.signal->wait(lock, has_inbox ? std::min(deadline_ns, now_ns + inbox_poll_ns) : deadline_ns);
  }
}

// Folders are looked at, and files copied, without the lock: other streams go on, and cancel is heard between
// chunks.
Answer Broker::object_next(uint32_t id, uint64_t deadline_ns, ObjectInfo& info) {
  Inside& in = *inside_;
  Inside::Open* open = in.find(id);
  if (!open) return stale(id);
  if (!open->inbox) return fails(open->channel->error("broker.not_an_inbox", GARITA_WRONG_STATE));
  const auto cancelled = [&] {
    const auto lock = in.signal->lock();
    return in.signal->cancelled;
  };
  while (true) {
    Answer answer = open->inbox->next(cancelled, info);
    if (answer.ok() && in.tap)
      in.tap->handed_out(open->channel->name(), open->inbox->files_of(info.handle), in.clock.monotonic_ns());
    if (answer.status != GARITA_TIMEOUT) return answer;
    const uint64_t now_ns = in.clock.monotonic_ns();
    if (now_ns >= deadline_ns) return {GARITA_TIMEOUT, {}};
    auto lock = in.signal->lock();
    if (in.signal->cancelled) return {GARITA_CANCELLED, {}};
    (void)in.signal->wait(lock, std::min(deadline_ns, now_ns + inbox_poll_ns));
  }
}

}  // namespace garita::broker
