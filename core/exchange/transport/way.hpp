// Which way leads to a peer, as a configuration says it:
//
//   folder:/media/carrier            tls://us.example:7443     tls-listen://0.0.0.0:7443
//   nats://127.0.0.1:4222            nats+tls://127.0.0.1:4222/DOMAIN, of JetStream behind a leaf node
#pragma once

#include <memory>

#include "core/base/clock.hpp"
#include "core/exchange/transport/tls_session.hpp"

namespace garita::exchange {

struct WaySettings {
  std::string own, peer;         // names of sites; letters, digits, '-', '_'
  TlsIdentity identity;          // of tls and nats+tls
  std::string ca_file;           // of nats+tls
  std::string credentials_file;  // of nats
  // Of the stream that this site has for the peer's messages, where it makes it: nats, nats+tls.
  uint64_t stream_bytes = uint64_t{8} << 30;
  uint32_t replicas = 1;
};

// "exchange.bad_way" {given}; those of the transports.
base::Result<std::unique_ptr<Transport>> open_way(const std::string& way, const WaySettings& settings,
                                                  const base::Clock& clock = base::system_clock());

// May it stand in a subject or be part of a file's name?
bool is_site_name(std::string_view name);

}  // namespace garita::exchange
