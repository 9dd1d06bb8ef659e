// Takes messages from a consumer of a stream, some at a time. One question stands at the server until it is
// answered or has expired, so that a message comes at once and nobody asks in vain.
//
// It is not natsSubscription_Fetch(): that of libnats 3.4 writes beyond its list where messages of an earlier
// question come late (decisions/0114). Private to core/exchange/transport.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/exchange/transport/nats_handles.hpp"

namespace garita::exchange {

// One thread. The connection outlives it.
class NatsPull {
 public:
  struct Consumer {
    std::string stream, name, domain;  // domain: of JetStream, "" for the server's own
    std::string inbox;                 // answers come below it: nats_inbox()
  };
  NatsPull(natsConnection* connection, Consumer consumer);

  // The next one; null where none came within wait_ms. `generation`: another number where the connection was
  // cut, and with it whatever was asked.
  ServerMessage next(uint32_t wait_ms, uint64_t generation);
  // The server knows no such consumer any more, or never did: it lost its disk, or somebody deleted it.
  bool gone() const { return gone_; }
  // Taken: the server need not keep it.
  void acknowledge(const natsMsg& message);

 private:
  bool ask();

  natsConnection* connection_;
  std::string subject_;
  std::string inbox_;
  Subscription in_;
  int outstanding_ = 0;  // messages that the question may still bring
  int64_t expires_ms_ = 0;
  uint64_t generation_ = 0;
  bool gone_ = false;
};

}  // namespace garita::exchange
