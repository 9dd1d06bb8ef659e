// nats: a NATS server with JetStream between the sites, the fleet's way: a stream for each pair of sites and
// direction.
//
//   stream  garita-MX-US     subjects garita.MX.US.>     file storage, a work queue, new messages refused
//   when it is full
//
// The server is not believed: it acknowledges before its disk has the bytes, and knows a message again for
// two minutes only. What it took may be lost, and the outbox sends until the receipt. A stream belongs to its
// receiver, who makes it once where it is missing and never changes it: how it is placed and replicated is
// the operator's. Its sender may lie in another account, that of the other nation, and needs no more than to
// publish.
#pragma once

#include <memory>

#include "core/exchange/transport/transport.hpp"

namespace garita::exchange {

struct NatsOptions {
  std::string url;               // nats://host:port, tls://host:port
  std::string own, peer;         // sites; letters, digits, '-', '_'
  std::string credentials_file;  // "" for none
  std::string domain;            // of JetStream, behind a leaf node; "" for the server's own
  std::string ca_file, certificate_file, key_file;  // of tls://; "" for none
  // Of a stream that this end makes.
  uint64_t max_bytes = uint64_t{8} << 30;
  uint32_t replicas = 1;         // on so many servers of a cluster
  uint32_t patience_ms = 2'000;  // for an answer of the server
};

class NatsTransport final : public Transport {
 public:
  // The server may be away; it is looked for until it is there. "exchange.nats_setup" {reason}.
  static base::Result<std::unique_ptr<NatsTransport>> open(const NatsOptions& options);
  ~NatsTransport() override;

  base::Result<bool> send(const Outgoing& message) override;
  base::Result<std::optional<Incoming>> receive(uint32_t wait_ms) override;
  void handled(const Incoming& message, bool keep) override;
  void settled(const base::Digest&) override {}
  uint64_t generation() const override;
  // "exchange.nats_away" {url}; "exchange.nats_refused" {stream, reason}: the server's words.
  std::optional<base::Error> trouble() const override;

 private:
  struct State;
  explicit NatsTransport(std::unique_ptr<State> state);

  std::unique_ptr<State> state_;
};

}  // namespace garita::exchange
