// What libnats hands out, owned. Private to core/exchange/transport.
#pragma once

#include <nats/nats.h>

#include <memory>

namespace garita::exchange {

template <auto Destroy>
struct FreeOfNats {
  template <typename T>
  void operator()(T* object) const {
    Destroy(object);
  }
};
using ServerOptions = std::unique_ptr<natsOptions, FreeOfNats<natsOptions_Destroy>>;
using ServerConnection = std::unique_ptr<natsConnection, FreeOfNats<natsConnection_Destroy>>;
using JetStream = std::unique_ptr<jsCtx, FreeOfNats<jsCtx_Destroy>>;
using Subscription = std::unique_ptr<natsSubscription, FreeOfNats<natsSubscription_Destroy>>;
using ServerMessage = std::unique_ptr<natsMsg, FreeOfNats<natsMsg_Destroy>>;
using ServerInbox = std::unique_ptr<natsInbox, FreeOfNats<natsInbox_Destroy>>;

}  // namespace garita::exchange
