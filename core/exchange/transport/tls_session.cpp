#include "core/exchange/transport/tls_session.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

namespace garita::exchange {
namespace {

constexpr size_t size_bytes = 4;
constexpr size_t max_messages_ahead = 4;     // read and not fetched: then the peer has to wait
constexpr int unsent_in_kernel = 128 << 10;  // so that what is urgent does not stand behind megabytes

// Where OpenSSL has nothing to say it was the socket.
std::string why_openssl() {
  const int of_socket = errno;
  const unsigned long code = ERR_get_error();
  const char* reason = ERR_reason_error_string(code);
  ERR_clear_error();
  if (reason) return reason;
  return of_socket ? std::generic_category().message(of_socket) : "closed by the other end";
}

base::Error setup_error(const std::string& file) {
  return {base::Outcome::usage, "exchange.tls_setup", {{"file", file}, {"reason", why_openssl()}}};
}

// Only pins count, no authority: the chain is not looked at.
int verify(X509_STORE_CTX* store, void* context) {
  if (static_cast<const TlsContext*>(context)->trusts(X509_STORE_CTX_get0_cert(store))) return 1;
  X509_STORE_CTX_set_error(store, X509_V_ERR_CERT_UNTRUSTED);
  return 0;
}

void set_size(std::string& out, size_t size) {
  for (size_t i = 0; i < size_bytes; ++i) out += static_cast<char>(size >> (8 * i) & 0xff);
}

size_t size_at(std::string_view in) {
  size_t size = 0;
  for (size_t i = 0; i < size_bytes; ++i) size |= static_cast<size_t>(static_cast<uint8_t>(in[i])) << (8 * i);
  return size;
}

}  // namespace

// ---- TlsContext

base::Result<std::shared_ptr<TlsContext>> TlsContext::make(const TlsIdentity& identity, bool listens,
                                                           const base::Clock& clock) {
  ERR_clear_error();
  SSL_CTX* context = SSL_CTX_new(listens ? TLS_server_method() : TLS_client_method());
  if (!context) return setup_error("");
  std::shared_ptr<TlsContext> made(new TlsContext(context, identity.peer_pins, clock));
  SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION);
  SSL_CTX_set_options(context, SSL_OP_NO_TICKET);
  SSL_CTX_set_num_tickets(context, 0);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  SSL_CTX_set_cert_verify_callback(context, verify, made.get());
  if (SSL_CTX_use_certificate_chain_file(context, identity.certificate_file.c_str()) != 1)
    return setup_error(identity.certificate_file);
  if (SSL_CTX_use_PrivateKey_file(context, identity.key_file.c_str(), SSL_FILETYPE_PEM) != 1)
    return setup_error(identity.key_file);
  return made;
}

TlsContext::~TlsContext() { SSL_CTX_free(context_); }

bool TlsContext::trusts(const void* certificate) const {
  const auto* x509 = static_cast<const X509*>(certificate);
  base::Digest digest{};
  unsigned size = 0;
  if (!x509 || X509_digest(x509, EVP_sha256(), digest.data(), &size) != 1) return false;
  if (std::find(pins_.begin(), pins_.end(), digest) == pins_.end()) return false;
  time_t now = static_cast<time_t>(clock_->utc_ns() / 1'000'000'000);
  return X509_cmp_time(X509_get0_notBefore(x509), &now) < 0 &&
         X509_cmp_time(X509_get0_notAfter(x509), &now) > 0;
}

// ---- TlsSession

TlsSession::TlsSession(int socket, std::shared_ptr<TlsContext> context, bool accepts)
    : socket_(socket), context_(std::move(context)), session_(SSL_new(context_->get())), accepts_(accepts) {
  const int yes = 1;
  ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  ::setsockopt(socket_, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &unsent_in_kernel, sizeof unsent_in_kernel);
  ::setsockopt(socket_, SOL_SOCKET, SO_KEEPALIVE, &yes, sizeof yes);
  if (!session_ || SSL_set_fd(session_, socket_) != 1) {
    end();
    return;
  }
  if (accepts_)
    SSL_set_accept_state(session_);
  else
    SSL_set_connect_state(session_);
  wants_write_ = !accepts_;  // a connection is made when it can be written to
}

TlsSession::~TlsSession() {
  SSL_free(session_);
  ::close(socket_);
}

void TlsSession::end(std::optional<base::Error> why) {
  state_ = State::over;
  why_ = std::move(why);
  ERR_clear_error();
}

short TlsSession::wishes() const {
  short events = messages_.size() < max_messages_ahead ? POLLIN : 0;
  if (state_ == State::shaking)
    events = wants_write_ ? POLLOUT : POLLIN;
  else if (out_at_ < out_.size() || wants_write_)
    events |= POLLOUT;
  return events;
}

void TlsSession::work() {
  if (state_ == State::shaking) shake();
  if (state_ == State::stands) write();
  if (state_ == State::stands) read();
}

bool TlsSession::wants(int result) {
  const int error = SSL_get_error(session_, result);
  wants_write_ = error == SSL_ERROR_WANT_WRITE;
  return error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE;
}

// With TLS 1.3 the one that connects is done before the other has looked at its certificate: a refusal
// reaches it as an alert when it reads.
void TlsSession::shake() {
  ERR_clear_error();
  const int done = SSL_do_handshake(session_);
  if (done == 1) {
    state_ = State::stands;
    wants_write_ = false;
    return;
  }
  if (wants(done)) return;
  const bool untrusted = SSL_get_verify_result(session_) != X509_V_OK;
  if (untrusted) return end(base::Error{base::Outcome::no, "exchange.tls_untrusted", {}});
  end(base::Error{base::Outcome::no, "exchange.tls_failed", {{"reason", why_openssl()}}});
}

void TlsSession::write() {
  while (out_at_ < out_.size()) {
    size_t taken = 0;
    ERR_clear_error();
    const int done = SSL_write_ex(session_, out_.data() + out_at_, out_.size() - out_at_, &taken);
    if (done != 1) return wants(done) ? void() : end();
    out_at_ += taken;
  }
  out_.clear();
  out_at_ = 0;
  wants_write_ = false;
}

void TlsSession::read() {
  char buffer[16 << 10];
  while (messages_.size() < max_messages_ahead) {
    size_t size = 0;
    ERR_clear_error();
    const int done = SSL_read_ex(session_, buffer, sizeof buffer, &size);
    if (done != 1) return wants(done) ? void() : end();
    in_.append(buffer, size);
    cut_frames();
    if (state_ == State::over) return;
  }
}

void TlsSession::cut_frames() {
  size_t at = 0;
  while (in_.size() - at >= size_bytes) {
    const size_t size = size_at(std::string_view(in_).substr(at));
    if (size == 0 || size > max_message_bytes)
      return end(base::Error{base::Outcome::no, "exchange.tls_failed", {{"reason", "frame size"}}});
    if (in_.size() - at - size_bytes < size) break;
    messages_.push_back(in_.substr(at + size_bytes, size));
    at += size_bytes + size;
  }
  if (at > 0) in_.erase(0, at);
}

void TlsSession::put(base::Bytes message) {
  if (out_at_ > 0) out_.erase(0, out_at_), out_at_ = 0;
  set_size(out_, message.size());
  out_.append(message.text());
  write();
}

std::optional<std::string> TlsSession::next() {
  if (messages_.empty()) return std::nullopt;
  std::string message = std::move(messages_.front());
  messages_.pop_front();
  return message;
}

}  // namespace garita::exchange
