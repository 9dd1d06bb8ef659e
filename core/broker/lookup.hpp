// Host names to addresses, without holding up whoever waits: the system's resolver may hang for half a minute
// and cannot be interrupted, so it runs on a thread of its own that outlives a cancelled open and then finds
// nobody listening.
#pragma once

#include <boost/asio/ip/address.hpp>
#include <memory>
#include <string>
#include <vector>

#include "core/broker/signal.hpp"

namespace garita::broker {

struct Lookup {
  bool done = false;                                // all three under the signal's lock
  std::vector<boost::asio::ip::address> addresses;  // in the resolver's order; empty: failure says why
  std::string failure;
};

// Numbers are done at once; for names the bell rings when they are.
std::shared_ptr<Lookup> start_lookup(const std::string& host, std::shared_ptr<Signal> signal);

}  // namespace garita::broker
