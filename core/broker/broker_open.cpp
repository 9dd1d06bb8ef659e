// Opening and closing: a stream that stands, or nothing left behind; and the relays of a driver's own
// library.
#include <sys/socket.h>

#include <algorithm>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <exception>
#include <optional>

#include "core/broker/broker_inside.hpp"
#include "core/broker/lookup.hpp"

namespace garita::broker {
namespace {

// A device that has said nothing for too long is lost. Looks again when it could be; ends with its stream.
class IdleWatch : public std::enable_shared_from_this<IdleWatch> {
 public:
  IdleWatch(asio::io_context& io, const std::shared_ptr<Channel>& channel,
            const std::shared_ptr<Stream>& stream, uint64_t idle_ns)
      : timer_(io), channel_(channel), stream_(stream), idle_ns_(idle_ns) {}

  void start() {
    asio::post(timer_.get_executor(), [self = shared_from_this()] { self->look(); });
  }

 private:
  void look() {
    const auto channel = channel_.lock();
    const auto stream = stream_.lock();
    const auto silent_ns = channel && stream ? channel->silent_ns() : std::nullopt;
    if (!silent_ns) return;
    if (*silent_ns >= idle_ns_) {
      base::Error error = channel->error("broker.idle", GARITA_DEVICE_LOST);
      error.fields.push_back({"idle_ms", std::to_string(idle_ns_ / 1'000'000)});
      channel->ended(GARITA_DEVICE_LOST, std::move(error));
      return stream->stop();
    }
    timer_.expires_after(std::chrono::nanoseconds(idle_ns_ - *silent_ns));
    timer_.async_wait([self = shared_from_this()](boost::system::error_code code) {
      if (!code) self->look();
    });
  }

  asio::steady_timer timer_;
  const std::weak_ptr<Channel> channel_;
  const std::weak_ptr<Stream> stream_;
  const uint64_t idle_ns_;
};

constexpr size_t max_relays = 256;  // that one driver's library ever gets: each connection of its is one

}  // namespace

Broker::Inside::Open* Broker::Inside::find(uint32_t id) {
  const auto found = open_streams.find(id);
  return found == open_streams.end() ? nullptr : &found->second;
}

Answer Broker::open(std::string_view name, uint64_t deadline_ns, StreamInfo& info, uint32_t& id) {
  Inside& in = *inside_;
  const auto source = in.sources.find(name);
  if (source == in.sources.end())
    return fails(plain("broker.not_configured", GARITA_NOT_CONFIGURED, {{"stream", std::string(name)}}));
  for (const auto& [open_id, open] : in.open_streams)
    if (open.channel->name() == name)
      return fails(plain("broker.is_open", GARITA_WRONG_STATE, {{"stream", std::string(name)}}));
  {
    const auto lock = in.signal->lock();
    if (source->second.account.spent) return fails(*source->second.account.spent);
  }
  if (in.open_streams.size() >= in.limits.open_streams)
    return fails(
        plain("broker.too_many", GARITA_HOST_LIMIT, {{"limit", std::to_string(in.limits.open_streams)}}));
  try {
    Inside::Open open;
    Answer answer = in.reach(source->first, source->second, deadline_ns, open);
    if (!answer.ok()) return answer;
    info = open.stream->info();
    if (const auto inbox = in.inboxes.find(name); inbox != in.inboxes.end()) open.inbox = inbox->second;
    const auto lock = in.signal->lock();
    id = ++in.last_id;
    in.open_streams.emplace(id, std::move(open));
    return answer;
  } catch (const std::exception& exception) {  // no memory, no thread for the resolver, no descriptor
    return fails(plain("broker.open_failed", GARITA_HOST_FAILURE,
                       {{"stream", std::string(name)}, {"reason", exception.what()}}));
  }
}

// Looks up, connects, waits: OK with a stream that stands, or nothing left behind.
Answer Broker::Inside::reach(const std::string& name, Source& source, uint64_t deadline_ns, Open& open) {
  open.channel = std::make_shared<Channel>(name, source.address, source.grant, *signal, source.account, clock,
                                           limits, tap);
  const auto given_up = [&](const char* id) -> Answer {
    if (signal->cancelled) return {GARITA_CANCELLED, {}};
    return {GARITA_TIMEOUT, open.channel->error(id, GARITA_TIMEOUT)};
  };
  Addresses addresses;
  if (source.kind->needs_host) {
    const auto lookup = start_lookup(source.address.host, signal);
    auto lock = signal->lock();
    while (!signal->cancelled && !lookup->done)
      if (!signal->wait(lock, deadline_ns)) break;
    if (signal->cancelled || !lookup->done) return given_up("broker.lookup_timeout");
    if (lookup->addresses.empty())
      return fails(open.channel->error("broker.unknown_host", GARITA_DEVICE_LOST, lookup->failure));
    addresses = lookup->addresses;
  }

  open.stream = player ? make_replay_stream(player, open.channel)
                       : source.kind->make(io, open.channel, std::move(addresses));
  open.channel->describe(open.stream->info());
  if (player)
    open.stream->start();  // a replay's order is the driver's own
  else
    asio::post(io, [stream = open.stream] { stream->start(); });
  auto lock = signal->lock();
  while (!signal->cancelled && open.channel->state() == Channel::State::opening)
    if (!signal->wait(lock, deadline_ns)) break;
  if (!signal->cancelled && open.channel->state() == Channel::State::open) {
    lock.unlock();
    if (source.grant.idle_ns != 0 && !player)
      std::make_shared<IdleWatch>(io, open.channel, open.stream, source.grant.idle_ns)->start();
    return {};
  }
  const Answer answer = !signal->cancelled && open.channel->state() == Channel::State::failed
                            ? fails(open.channel->open_error())
                            : given_up("broker.connect_timeout");
  lock.unlock();
  on_io_thread([&] { open.stream->stop(); });
  lock.lock();
  const bool stood =
      open.channel->state() == Channel::State::open;  // too late, or cancelled: nobody will read it
  lock.unlock();
  if (stood) open.channel->closed();
  return answer;
}

Answer Broker::close(uint32_t id) {
  Inside& in = *inside_;
  Inside::Open* open = in.find(id);
  if (!open) return stale(id);
  in.stop(*open);
  const auto lock = in.signal->lock();
  in.open_streams.erase(id);
  return {};
}

int Broker::relay(std::string_view name) {
  Inside& in = *inside_;
  const auto found = in.sources.find(name);
  if (found == in.sources.end() || found->second.objects) return -1;
  Inside::Source& source = found->second;
  const std::lock_guard lock(in.relays_mutex);
  {
    const auto streams = in.signal->lock();
    if (source.account.spent || in.relays.size() >= max_relays) return -1;
  }
  for (const auto& relay : in.relays)
    if (relay->name() == name && !relay->is_over()) return -1;
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) return -1;
  auto channel = std::make_shared<Channel>(found->first, source.address, source.grant, *in.signal,
                                           source.account, in.clock, in.limits, in.tap);
  in.relays.push_back(
      std::make_shared<Relay>(in.io, ends[0], std::move(channel), *source.kind, in.signal, in.player));
  in.relays.back()->start();
  return ends[1];
}

}  // namespace garita::broker
