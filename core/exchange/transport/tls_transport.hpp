// tls: a connection between two sites, no server in between. One of them listens; either may be cut off for
// days and goes on where it was.
#pragma once

#include <memory>

#include "core/exchange/transport/tls_session.hpp"

namespace garita::exchange {

struct TlsOptions {
  std::string host;  // an address or a name; where listening, an address of this machine
  uint16_t port = 0;
  bool listens = false;
  TlsIdentity identity;
  uint32_t again_ms = 1'000;      // between two attempts to connect
  uint32_t patience_ms = 10'000;  // for connecting and shaking hands
};

class TlsTransport final : public Transport {
 public:
  // Listening: bound when it returns, "exchange.cannot_listen" {address, reason}; else the first connection
  // is made later.
  static base::Result<std::unique_ptr<TlsTransport>> open(TlsOptions options,
                                                          const base::Clock& clock = base::system_clock());
  ~TlsTransport() override;

  uint16_t port() const { return options_.port; }  // where listening, the real one
  bool connected() const { return session_ && session_->stands(); }
  // Of the last connection that failed.
  std::optional<base::Error> trouble() const override { return connected() ? std::nullopt : trouble_; }

  base::Result<bool> send(const Outgoing& message) override;
  base::Result<std::optional<Incoming>> receive(uint32_t wait_ms) override;
  void handled(const Incoming&, bool) override {}
  void settled(const base::Digest&) override {}
  uint64_t generation() const override { return generation_; }

 private:
  TlsTransport(TlsOptions options, std::shared_ptr<TlsContext> context, const base::Clock& clock)
      : options_(std::move(options)), context_(std::move(context)), clock_(&clock) {}
  base::Result<void> listen();
  void connect();
  void accept();
  void wait(uint32_t wait_ms);
  void work();
  uint64_t now_ms() const { return clock_->monotonic_ns() / 1'000'000; }

  TlsOptions options_;
  std::shared_ptr<TlsContext> context_;
  const base::Clock* clock_;
  int listener_ = -1;
  std::unique_ptr<TlsSession> session_;
  std::unique_ptr<TlsSession> candidate_;  // shakes hands, while the one that stands goes on
  uint64_t candidate_since_ms_ = 0, next_try_ms_ = 0, generation_ = 0;
  std::optional<base::Error> trouble_;
};

}  // namespace garita::exchange
