#include "core/broker/broker.hpp"

#include <pthread.h>
#include <signal.h>
#include <sys/socket.h>

#include <algorithm>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <exception>
#include <future>
#include <mutex>
#include <optional>
#include <system_error>
#include <thread>
#include <utility>

#include "core/broker/channel.hpp"
#include "core/broker/inbox.hpp"
#include "core/broker/lookup.hpp"
#include "core/broker/player.hpp"
#include "core/broker/relay.hpp"
#include "core/broker/signal.hpp"
#include "core/broker/stream.hpp"

namespace garita::broker {

namespace asio = boost::asio;
using base::Error;
using base::Outcome;

struct Broker::Inside {
  struct Source {
    Address address;
    Grant grant;
    const Kind* kind = nullptr;
    bool objects = false;
    Account account;
  };
  struct Open {
    std::shared_ptr<Channel> channel;
    std::shared_ptr<Stream> stream;
    std::shared_ptr<Inbox> inbox;  // of a dir: address
  };

  Inside(const base::Clock& the_clock, Limits the_limits, Tap* the_tap, std::shared_ptr<Player> the_player)
      : clock(the_clock),
        limits(the_limits),
        tap(the_tap),
        player(std::move(the_player)),
        signal(std::make_shared<Signal>(the_clock, player.get())) {}
  ~Inside();

  void run();                      // the I/O thread
  void on_io_thread(auto&& task);  // does it there and waits
  void stop(Open& open);
  Open* find(uint32_t id);
  base::Result<void> add(const std::string& name, Address address, std::shared_ptr<Inbox> inbox);
  base::Result<std::shared_ptr<Inbox>> add_inbox(const std::string& name, const Source& source);
  std::optional<Error> cannot_replay(const std::string& name, const Source& source) const;
  Answer reach(const std::string& name, Source& source, uint64_t deadline_ns, Open& open);

  const base::Clock& clock;
  const Limits limits;
  Tap* const tap;
  const std::shared_ptr<Player> player;  // null: the streams are real
  const std::shared_ptr<Signal> signal;
  std::map<std::string, Source, std::less<>> sources;  // its shape never changes after create
  std::vector<std::shared_ptr<Relay>> relays;  // under relays_mutex
  std::mutex relays_mutex;
  std::map<uint32_t, Open> open_streams;  // its shape changes under the lock, on the driver's thread
  uint32_t last_id = 0;
  Inboxes inboxes;  // each numbers its objects in a range of its own

  asio::io_context io{1};
  asio::executor_work_guard<asio::io_context::executor_type> work{io.get_executor()};
  std::thread thread;
};

namespace {

// A device that has said nothing for too long is lost. Looks again when it could be; ends with its stream.
class IdleWatch : public std::enable_shared_from_this<IdleWatch> {
 public:
  IdleWatch(asio::io_context& io, const std::shared_ptr<Channel>& channel, const std::shared_ptr<Stream>& stream,
            uint64_t idle_ns)
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
constexpr unsigned inbox_shift = 40;
constexpr uint64_t inbox_poll_ns = 50'000'000;  // a folder rings no bell

Error plain(std::string id, garita_status status, std::vector<base::Field> fields = {}) {
  return {Outcome::not_loaded, std::move(id), std::move(fields), status};
}

Answer stale(uint32_t id) {
  return {GARITA_STALE_HANDLE, plain("broker.stale", GARITA_STALE_HANDLE, {{"id", std::to_string(id)}})};
}

Answer fails(Error error) {
  const garita_status status = error.status;
  return {status, std::move(error)};
}

}  // namespace

// ---- The I/O thread
// ------------------------------------------------------------------------------------------------

// Only memory can run out there. What was arriving is then incomplete: say so on every stream, and go on.
void Broker::Inside::run() {
  while (true) {
    try {
      io.run();
      return;
    } catch (const std::exception& exception) {
      const auto lock = signal->lock();
      for (auto& [id, open] : open_streams)
        open.channel->feed().end(
            GARITA_HOST_FAILURE,
            open.channel->error("broker.io_failed", GARITA_HOST_FAILURE, exception.what()),
            {clock.monotonic_ns(), clock.utc_ns()});
      signal->ring();
    }
  }
}

void Broker::Inside::on_io_thread(auto&& task) {
  std::promise<void> done;
  asio::post(io, [&] {
    task();
    done.set_value();
  });
  done.get_future().wait();
}

Broker::Inside::~Inside() {
  if (thread.joinable()) {
    for (auto& [id, open] : open_streams) stop(open);
    on_io_thread([&] {
      for (const auto& relay : relays) relay->stop();
    });
    work.reset();
    io.stop();
    thread.join();
  }
  relays.clear();  // these have sockets and timers of io, which goes before them
  open_streams.clear();
}

void Broker::Inside::stop(Open& open) {
  on_io_thread([&] { open.stream->stop(); });
  open.channel->closed();
}

// A replay grants every stream from the one recording, or none: its clock is that of all.
std::optional<Error> Broker::Inside::cannot_replay(const std::string& name, const Source& source) const {
  const bool replayed = source.address.scheme == "replay";
  if (!player && !replayed) return std::nullopt;
  std::vector<base::Field> fields = {{"stream", name}, {"address", source.address.text}};
  if (!player || !replayed || source.address.path != player->path())
    return Error{Outcome::usage, "broker.replay_mixed", std::move(fields), GARITA_NOT_CONFIGURED};
  if (player->stream(source.grant.stream.empty() ? name : source.grant.stream)) return std::nullopt;
  std::string known;
  for (const auto& stream : player->summary().streams) (known += known.empty() ? "" : ", ") += stream.name;
  fields.push_back({"known", known.empty() ? "-" : known});
  return Error{Outcome::usage, "broker.replay_no_stream", std::move(fields), GARITA_NOT_CONFIGURED};
}

base::Result<std::shared_ptr<Inbox>> Broker::Inside::add_inbox(const std::string& name, const Source& source) {
  if (player) {
    const std::shared_ptr<Inbox> inbox = Inbox::supplied(source.address, {}, clock);
    player->supply(source.grant.stream.empty() ? name : source.grant.stream, inbox);
    return inbox;
  }
  GARITA_TRY_ASSIGN(inbox, Inbox::open(source.address, {}, Journal::in_memory(), clock));
  return std::shared_ptr<Inbox>(std::move(inbox));
}

base::Result<void> Broker::Inside::add(const std::string& name, Address address, std::shared_ptr<Inbox> inbox) {
  const Kind* kind = find_kind(address.scheme);
  if (!kind || kind->needs_host == address.host.empty())
    return Error{Outcome::usage,
                 kind ? "broker.wrong_form" : "broker.unknown_kind",
                 {{"stream", name},
                  {"address", address.text},
                  {"kind", address.scheme},
                  {"known", kind ? std::string(kind->form) : known_kinds()}},
                 GARITA_NOT_CONFIGURED};
  GARITA_TRY_ASSIGN(grant, Grant::parse(address));
  Source& source = sources[name];
  source.address = std::move(address);
  source.grant = std::move(grant);
  source.kind = kind;
  if (auto cannot = cannot_replay(name, source)) return *std::move(cannot);
  const auto* recorded = player ? player->stream(source.grant.stream.empty() ? name : source.grant.stream) : nullptr;
  source.objects = kind->objects || (recorded && recorded->kind == GARITA_STREAM_OBJECTS);
  if (!source.objects) return {};
  if (!inbox) {
    GARITA_TRY_ASSIGN(made, add_inbox(name, source));
    inbox = std::move(made);
  }
  inbox->set_first_handle(uint64_t{inboxes.size() + 1} << inbox_shift);
  inboxes[name] = std::move(inbox);
  return {};
}

base::Result<std::unique_ptr<Broker>> Broker::create(Sources sources, const base::Clock& clock, Limits limits,
                                                     Tap* tap, Inboxes inboxes, std::shared_ptr<Player> player) {
  auto inside = std::make_unique<Inside>(clock, limits, tap, std::move(player));
  for (auto& [name, address] : sources) GARITA_TRY(inside->add(name, std::move(address), inboxes[name]));
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);  // signals are for the program's own threads
  std::optional<Error> failure;
  try {
    inside->thread = std::thread([inside = inside.get()] { inside->run(); });
  } catch (const std::system_error& error) {
    failure = plain("broker.no_thread", GARITA_HOST_LIMIT, {{"reason", error.what()}});
  }
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  if (failure) return *std::move(failure);
  return std::unique_ptr<Broker>(new Broker(std::move(inside)));
}

Broker::Broker(std::unique_ptr<Inside> inside) : inside_(std::move(inside)) {}
Broker::~Broker() = default;

// ---- Opening and closing
// -------------------------------------------------------------------------------------------

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
  open.channel = std::make_shared<Channel>(name, source.address, source.grant, *signal, source.account, clock, limits, tap);
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
  if (player) open.stream->start();  // a replay's order is the driver's own
  else asio::post(io, [stream = open.stream] { stream->start(); });
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

// ---- Bytes
// ---------------------------------------------------------------------------------------------------------

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
  const uint64_t most = datagrams ? UINT32_MAX : std::min<uint64_t>(open->channel->grant().chunk_bytes, UINT32_MAX);
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

// ---- Objects
// --------------------------------------------------------------------------------------------------------

// Folders are looked at, and files copied, without the lock: other streams go on, and cancel is heard between chunks.
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

Inbox* Broker::inbox_of(uint64_t object) const {
  const uint64_t number = object >> inbox_shift;
  for (const auto& [name, inbox] : inside_->inboxes)
    if (inbox->first_handle() >> inbox_shift == number) return inbox.get();
  return nullptr;
}

const Broker::Inboxes& Broker::inboxes() const { return inside_->inboxes; }

// ---- Relays

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
  auto channel = std::make_shared<Channel>(found->first, source.address, source.grant, *in.signal, source.account, in.clock,
                                           in.limits, in.tap);
  in.relays.push_back(std::make_shared<Relay>(in.io, ends[0], std::move(channel), *source.kind, in.signal, in.player));
  in.relays.back()->start();
  return ends[1];
}

// ---- From any thread
// -----------------------------------------------------------------------------------------------

void Broker::raise_cancel() {
  const auto lock = inside_->signal->lock();
  inside_->signal->cancelled = true;
  inside_->signal->ring();
}

void Broker::lower_cancel() {
  const auto lock = inside_->signal->lock();
  inside_->signal->cancelled = false;
}

std::optional<base::Error> Broker::spent() const {
  const auto lock = inside_->signal->lock();
  for (const auto& [name, source] : inside_->sources)
    if (source.account.spent) return source.account.spent;
  return std::nullopt;
}

bool Broker::replay_is_over() const { return inside_->player && inside_->player->over(); }

std::vector<StreamTotals> Broker::totals() const {
  std::vector<StreamTotals> totals;
  for (const auto& [name, source] : inside_->sources) {
    const Ledger::Sum read = source.account.read.sum(), written = source.account.written.sum();
    StreamTotals each{name, source.address.text, 0, read.bytes, written.bytes, read.sha256, written.sha256,
                      source.objects};
    const auto lock = inside_->signal->lock();
    each.openings = source.account.openings;
    totals.push_back(std::move(each));
  }
  return totals;
}

}  // namespace garita::broker
