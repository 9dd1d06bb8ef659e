// The middle between a stream's I/O and the driver that reads it: stamps, counts, hashes, queues and rings.
#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include "core/base/clock.hpp"
#include "core/broker/broker.hpp"
#include "core/broker/budget.hpp"
#include "core/broker/feed.hpp"
#include "core/broker/grant.hpp"
#include "core/broker/ledger.hpp"
#include "core/broker/signal.hpp"

namespace garita::broker {

// Of one name, over all its openings.
struct Account {
  Ledger read, written;
  std::atomic<uint64_t> moved{0};     // of what the address grants, both ways
  uint64_t openings = 0;              // under the broker's lock
  std::optional<base::Error> spent;   // likewise: the grant of bytes is used up
};

class Channel {
 public:
  enum class State { opening, open, failed };

  Channel(std::string name, Address address, const Grant& grant, Signal& signal, Account& account,
          const base::Clock& clock, const Limits& limits, Tap* tap);

  const std::string& name() const { return name_; }
  const Address& address() const { return address_; }
  Signal& signal() const { return signal_; }
  const Grant& grant() const { return grant_; }
  size_t chunk_bytes() const { return chunk_bytes_; }

  // What the stream is; before it is started.
  void describe(const StreamInfo& info) { info_ = info; }

  // Called, on whatever thread and without the lock, after anything of the wire changed; before it is started.
  void on_change(std::function<void()> call);

  // An error that names this stream and its address.
  base::Error error(std::string id, garita_status status, std::string reason = {}) const;

  // For the stream, on the I/O thread. arrived: false where nothing more may be read until resume. What the grant does
  // not cover ends the stream and is thrown away.
  void opened();
  void open_failed(base::Error error);
  bool arrived(std::span<const std::byte> bytes) { return arrived(bytes, now()); }
  bool arrived(std::span<const std::byte> bytes, Moment at);
  void dropped(uint64_t datagrams);  // lost before this host could take them
  void ended(garita_status status, base::Error error) { ended(status, std::move(error), now()); }
  void ended(garita_status status, base::Error error, Moment at);

  // For the broker, under the lock.
  State state() const { return state_; }
  const base::Error& open_error() const { return open_error_; }
  Feed& feed() { return feed_; }

  // For the broker, on the driver's thread, under the lock: how many bytes the grant lets out now. None: the stream has
  // ended of it, as the answer says. What was not sent of them is given back.
  Answer may_send(size_t wanted, size_t& granted);
  void not_sent(size_t bytes) { budget_.give_back(bytes); }

  // How long the device has said nothing while it was listened to. nullopt: the stream is over. Any thread.
  std::optional<uint64_t> silent_ns();

  // For the broker, on the driver's thread, without the lock.
  void sent(std::span<const std::byte> bytes);
  void closed();

 private:
  Moment now() const { return {clock_.monotonic_ns(), clock_.utc_ns()}; }

  base::Error spent(Budget::Limit limit) const;
  void changed();

  const std::string name_;
  const Address address_;
  const Grant grant_;
  Signal& signal_;
  Account& account_;
  const base::Clock& clock_;
  StreamInfo info_;
  const size_t chunk_bytes_;
  Tap* const tap_;

  State state_ = State::opening;
  base::Error open_error_;
  Feed feed_;
  Budget budget_;
  uint64_t heard_ns_ = 0;  // under the lock
  bool closed_ = false;    // likewise
  std::function<void()> change_;  // likewise
};

}  // namespace garita::broker
