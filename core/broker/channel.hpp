// The middle between a stream's I/O and the driver that reads it: stamps, counts, hashes, queues and rings.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>

#include "core/base/clock.hpp"
#include "core/broker/broker.hpp"
#include "core/broker/feed.hpp"
#include "core/broker/ledger.hpp"
#include "core/broker/signal.hpp"

namespace garita::broker {

// Of one name, over all its openings.
struct Account {
  Ledger read, written;
  uint64_t openings = 0;  // under the broker's lock
};

class Channel {
 public:
  enum class State { opening, open, failed };

  Channel(std::string name, Address address, Signal& signal, Account& account, const base::Clock& clock,
          const Limits& limits, Tap* tap);

  const std::string& name() const { return name_; }
  const Address& address() const { return address_; }
  Signal& signal() const { return signal_; }
  size_t chunk_bytes() const { return chunk_bytes_; }

  // An error that names this stream and its address.
  base::Error error(std::string id, garita_status status, std::string reason = {}) const;

  // For the stream, on the I/O thread. arrived: false where nothing more may be read until resume.
  void opened();
  void open_failed(base::Error error);
  bool arrived(std::span<const std::byte> bytes);
  void dropped(uint64_t datagrams);  // lost before this host could take them
  void ended(garita_status status, base::Error error);

  // For the broker, under the lock.
  State state() const { return state_; }
  const base::Error& open_error() const { return open_error_; }
  Feed& feed() { return feed_; }

  // For the broker, on the driver's thread, without the lock.
  void sent(std::span<const std::byte> bytes);
  void closed();

 private:
  Moment now() const { return {clock_.monotonic_ns(), clock_.utc_ns()}; }

  const std::string name_;
  const Address address_;
  Signal& signal_;
  Account& account_;
  const base::Clock& clock_;
  const size_t chunk_bytes_;
  Tap* const tap_;

  State state_ = State::opening;
  base::Error open_error_;
  Feed feed_;
};

}  // namespace garita::broker
