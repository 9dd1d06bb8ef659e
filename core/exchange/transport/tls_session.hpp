// One TLS 1.3 connection in which both ends show a certificate and each holds the other's against its pins;
// frames of messages over it. Nothing here blocks. Private to core/exchange/transport.
//
//   frame = size (4 bytes, little endian, 1 … max_message_bytes) message
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "core/base/clock.hpp"
#include "core/exchange/transport/transport.hpp"

struct ssl_ctx_st;
struct ssl_st;

namespace garita::exchange {

struct TlsIdentity {
  std::string certificate_file, key_file;  // PEM
  std::vector<base::Digest> peer_pins;     // SHA-256 of the peer's certificate in DER; two while it changes
};

// What the connections of one peer have in common. Outlives them.
class TlsContext {
 public:
  // "exchange.tls_setup" {file, reason}.
  static base::Result<std::shared_ptr<TlsContext>> make(const TlsIdentity& identity, bool listens,
                                                        const base::Clock& clock);
  ~TlsContext();
  ssl_ctx_st* get() const { return context_; }
  // Pinned, and today within its dates.
  bool trusts(const void* certificate) const;

 private:
  TlsContext(ssl_ctx_st* context, std::vector<base::Digest> pins, const base::Clock& clock)
      : context_(context), pins_(std::move(pins)), clock_(&clock) {}
  ssl_ctx_st* context_;
  std::vector<base::Digest> pins_;
  const base::Clock* clock_;
};

class TlsSession {
 public:
  // Takes the socket over. It may still be connecting.
  TlsSession(int socket, std::shared_ptr<TlsContext> context, bool accepts);
  ~TlsSession();
  TlsSession(const TlsSession&) = delete;

  int socket() const { return socket_; }
  bool stands() const { return state_ == State::stands; }
  bool over() const { return state_ == State::over; }
  // Of an ended one: "exchange.tls_untrusted", "exchange.tls_failed" {reason}; nullopt: cut or closed.
  const std::optional<base::Error>& why() const { return why_; }

  short wishes() const;  // of poll()
  void work();           // does what can be done now
  bool takes() const { return stands() && out_.size() - out_at_ < chunk_bytes; }
  void put(base::Bytes message);
  std::optional<std::string> next();

 private:
  enum class State { shaking, stands, over };
  void shake();
  void read();
  void write();
  void cut_frames();
  void end(std::optional<base::Error> why = std::nullopt);
  bool wants(int result);  // false: it is over

  int socket_;
  std::shared_ptr<TlsContext> context_;
  ssl_st* session_;
  State state_ = State::shaking;
  bool accepts_, wants_write_ = false;
  std::string in_, out_;
  size_t out_at_ = 0;
  std::deque<std::string> messages_;
  std::optional<base::Error> why_;
};

}  // namespace garita::exchange
