// What a Broker is made of, for the files that it is written in. Private to core/broker.
#pragma once

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <future>
#include <mutex>
#include <thread>
#include <utility>

#include "core/broker/broker.hpp"
#include "core/broker/channel.hpp"
#include "core/broker/inbox.hpp"
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
  std::vector<std::shared_ptr<Relay>> relays;          // under relays_mutex
  std::mutex relays_mutex;
  std::map<uint32_t, Open> open_streams;  // its shape changes under the lock, on the driver's thread
  uint32_t last_id = 0;
  Inboxes inboxes;  // each numbers its objects in a range of its own

  asio::io_context io{1};
  asio::executor_work_guard<asio::io_context::executor_type> work{io.get_executor()};
  std::thread thread;
};

void Broker::Inside::on_io_thread(auto&& task) {
  std::promise<void> done;
  asio::post(io, [&] {
    task();
    done.set_value();
  });
  done.get_future().wait();
}

inline constexpr unsigned inbox_shift = 40;
inline constexpr uint64_t inbox_poll_ns = 50'000'000;  // a folder rings no bell

inline Error plain(std::string id, garita_status status, std::vector<base::Field> fields = {}) {
  return {Outcome::not_loaded, std::move(id), std::move(fields), status};
}

inline Answer stale(uint32_t id) {
  return {GARITA_STALE_HANDLE, plain("broker.stale", GARITA_STALE_HANDLE, {{"id", std::to_string(id)}})};
}

inline Answer fails(Error error) {
  const garita_status status = error.status;
  return {status, std::move(error)};
}

}  // namespace garita::broker
