#include "core/broker/broker.hpp"

#include <pthread.h>
#include <signal.h>

#include <exception>
#include <optional>
#include <system_error>

#include "core/broker/broker_inside.hpp"

namespace garita::broker {

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

base::Result<std::shared_ptr<Inbox>> Broker::Inside::add_inbox(const std::string& name,
                                                               const Source& source) {
  if (player) {
    const std::shared_ptr<Inbox> inbox = Inbox::supplied(source.address, {}, clock);
    player->supply(source.grant.stream.empty() ? name : source.grant.stream, inbox);
    return inbox;
  }
  GARITA_TRY_ASSIGN(inbox, Inbox::open(source.address, {}, Journal::in_memory(), clock));
  return std::shared_ptr<Inbox>(std::move(inbox));
}

base::Result<void> Broker::Inside::add(const std::string& name, Address address,
                                       std::shared_ptr<Inbox> inbox) {
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
  const auto* recorded =
      player ? player->stream(source.grant.stream.empty() ? name : source.grant.stream) : nullptr;
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
                                                     Tap* tap, Inboxes inboxes,
                                                     std::shared_ptr<Player> player) {
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

Inbox* Broker::inbox_of(uint64_t object) const {
  const uint64_t number = object >> inbox_shift;
  for (const auto& [name, inbox] : inside_->inboxes)
    if (inbox->first_handle() >> inbox_shift == number) return inbox.get();
  return nullptr;
}

const Broker::Inboxes& Broker::inboxes() const { return inside_->inboxes; }

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
    StreamTotals each{name,           source.address.text, 0, read.bytes, written.bytes, read.sha256,
                      written.sha256, source.objects};
    const auto lock = inside_->signal->lock();
    each.openings = source.account.openings;
    totals.push_back(std::move(each));
  }
  return totals;
}

}  // namespace garita::broker
