// tls://host:port: TLS 1.2 or 1.3 over a connection that this side makes; the driver sees plain bytes. Who the scanner is
// says its certificate, held against ?ca= or ?pin= (grant.hpp): without either there is no stream. The peer's close_notify
// is END; a connection that ends without it was cut: DEVICE_LOST.
//
// OpenSSL works on the socket itself, which never blocks, so that what the driver writes is with the system when send
// returns, as with tcp. One mutex guards it: the driver's thread writes, the I/O thread reads.
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <signal.h>
#include <time.h>

#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <cerrno>
#include <mutex>
#include <utility>

#include "core/base/text.hpp"
#include "core/broker/silence.hpp"
#include "core/broker/stream.hpp"

namespace garita::broker {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using Code = boost::system::error_code;

constexpr int chunks_a_turn = 16;  // the other streams of the thread come in between

struct Free {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
  void operator()(SSL* session) const { SSL_free(session); }
};

// OpenSSL writes with write(): a peer that is gone must not end a host that does not ignore SIGPIPE by itself.
class WithoutPipeSignal {
 public:
  WithoutPipeSignal() {
    sigemptyset(&pipe_);
    sigaddset(&pipe_, SIGPIPE);
    sigset_t pending;
    pending_before_ = sigpending(&pending) == 0 && sigismember(&pending, SIGPIPE) == 1;
    pthread_sigmask(SIG_BLOCK, &pipe_, &before_);
  }
  ~WithoutPipeSignal() {
    const int kept = errno;
    const timespec now{};
    if (!pending_before_) sigtimedwait(&pipe_, nullptr, &now);
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
    errno = kept;
  }
  WithoutPipeSignal(const WithoutPipeSignal&) = delete;
  WithoutPipeSignal& operator=(const WithoutPipeSignal&) = delete;

 private:
  sigset_t pipe_{}, before_{};
  bool pending_before_ = false;
};

// The oldest error of this thread's queue, which is then empty.
std::string why() {
  const unsigned long code = ERR_get_error();
  const char* reason = ERR_reason_error_string(code);
  ERR_clear_error();
  return reason ? reason : "no reason given";
}

bool is_pinned(X509* certificate, const base::Digest& pin) {
  base::Digest digest{};
  unsigned size = 0;
  return certificate && X509_digest(certificate, EVP_sha256(), digest.data(), &size) == 1 && digest == pin;
}

// With a pin and no ca the certificate is looked at after the handshake, and nothing else of it.
int accept_any(X509_STORE_CTX*, void*) { return 1; }

class TlsStream final : public Stream, public std::enable_shared_from_this<TlsStream> {
 public:
  TlsStream(asio::io_context& io, std::shared_ptr<Channel> channel, const Addresses& addresses)
      : socket_(io), channel_(std::move(channel)), grant_(channel_->grant().tls), buffer_(channel_->chunk_bytes()) {
    for (const auto& address : addresses) endpoints_.emplace_back(address, channel_->address().port);
  }

  void start() override {
    if (auto error = prepare()) return channel_->open_failed(*std::move(error));
    asio::async_connect(socket_, endpoints_, [self = shared_from_this()](Code code, const tcp::endpoint&) {
      if (!self->stopped_) self->connected(code);
    });
  }

  void resume() override {
    if (std::exchange(paused_, false)) read();
  }

  void stop() override {
    const auto lock = channel_->signal().lock();  // send uses the session under it
    const std::lock_guard session(mutex_);
    const WithoutPipeSignal quiet;
    stopped_ = true;
    if (std::exchange(stands_, false)) SSL_shutdown(session_.get());  // says close_notify if it can, and waits for nothing
    ERR_clear_error();
    Code ignored;
    socket_.close(ignored);
  }

  Answer send(std::span<const std::byte> data, size_t& taken) override {
    taken = 0;
    const std::lock_guard session(mutex_);
    if (!stands_) return {GARITA_DEVICE_LOST, lost("closed")};
    const WithoutPipeSignal quiet;
    ERR_clear_error();
    if (SSL_write_ex(session_.get(), data.data(), data.size(), &taken) == 1) return {};
    const int error = SSL_get_error(session_.get(), 0);
    if (error == SSL_ERROR_WANT_WRITE || error == SSL_ERROR_WANT_READ)
      return ring_when_ready(error == SSL_ERROR_WANT_WRITE), Answer{GARITA_TIMEOUT, {}};
    return {GARITA_DEVICE_LOST, lost(why())};
  }

 private:
  base::Error lost(std::string reason) const {
    return channel_->error("broker.lost", GARITA_DEVICE_LOST, std::move(reason));
  }

  // ---- Opening

  std::optional<base::Error> prepare() {
    ERR_clear_error();
    context_.reset(SSL_CTX_new(TLS_client_method()));
    if (!context_ || SSL_CTX_set_min_proto_version(context_.get(), TLS1_2_VERSION) != 1) return cannot("");
    SSL_CTX_set_mode(context_.get(), SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_CTX_set_verify(context_.get(), SSL_VERIFY_PEER, nullptr);
    if (grant_.ca.empty()) SSL_CTX_set_cert_verify_callback(context_.get(), accept_any, nullptr);
    else if (grant_.ca == "system" && SSL_CTX_set_default_verify_paths(context_.get()) != 1) return cannot("system");
    else if (grant_.ca != "system" && SSL_CTX_load_verify_file(context_.get(), grant_.ca.c_str()) != 1)
      return cannot(grant_.ca);
    if (!grant_.cert.empty() && SSL_CTX_use_certificate_chain_file(context_.get(), grant_.cert.c_str()) != 1)
      return cannot(grant_.cert);
    if (!grant_.key.empty() && SSL_CTX_use_PrivateKey_file(context_.get(), grant_.key.c_str(), SSL_FILETYPE_PEM) != 1)
      return cannot(grant_.key);
    session_.reset(SSL_new(context_.get()));
    if (!session_ || !name_peer()) return cannot("");
    return std::nullopt;
  }

  // Whose certificate it has to be, and, for names, which server is asked for.
  bool name_peer() {
    const std::string& name = grant_.name.empty() ? channel_->address().host : grant_.name;
    X509_VERIFY_PARAM* wanted = SSL_get0_param(session_.get());
    if (X509_VERIFY_PARAM_set1_ip_asc(wanted, name.c_str()) == 1) return true;
    ERR_clear_error();
    return X509_VERIFY_PARAM_set1_host(wanted, name.c_str(), 0) == 1 &&
           SSL_set_tlsext_host_name(session_.get(), name.c_str()) == 1;
  }

  base::Error cannot(std::string file) {
    base::Error error = channel_->error("broker.tls_setup", GARITA_NOT_CONFIGURED, why());
    error.fields.push_back({"file", std::move(file)});
    return error;
  }

  void connected(Code code) {
    if (code == asio::error::connection_refused)
      return channel_->open_failed(channel_->error("broker.refused", GARITA_DEVICE_LOST));
    if (!code) socket_.non_blocking(true, code);
    if (code)
      return channel_->open_failed(channel_->error("broker.unreachable", GARITA_DEVICE_LOST, code.message()));
    Code ignored;
    socket_.set_option(tcp::no_delay(true), ignored);
    watch_for_silence(socket_.native_handle(), channel_->grant().alive_ns);
    if (SSL_set_fd(session_.get(), socket_.native_handle()) != 1) return channel_->open_failed(cannot(""));
    shake_hands();
  }

  void shake_hands() {
    const WithoutPipeSignal quiet;
    ERR_clear_error();
    const int done = SSL_connect(session_.get());
    if (done == 1) return shaken();
    const int error = SSL_get_error(session_.get(), done);
    if (error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE) return channel_->open_failed(refused(error));
    const auto what = error == SSL_ERROR_WANT_READ ? tcp::socket::wait_read : tcp::socket::wait_write;
    socket_.async_wait(what, [self = shared_from_this()](Code code) {
      if (!self->stopped_ && !code) self->shake_hands();
    });
  }

  base::Error refused(int error) {
    const long verdict = SSL_get_verify_result(session_.get());
    if (verdict != X509_V_OK)
      return channel_->error("broker.tls_untrusted", GARITA_DEVICE_LOST, X509_verify_cert_error_string(verdict));
    if (error == SSL_ERROR_SYSCALL) return channel_->error("broker.tls_cut", GARITA_DEVICE_LOST);
    const unsigned long code = ERR_peek_error();
    if (ERR_GET_REASON(code) == SSL_R_UNEXPECTED_EOF_WHILE_READING)
      return ERR_clear_error(), channel_->error("broker.tls_cut", GARITA_DEVICE_LOST);
    return channel_->error("broker.tls_failed", GARITA_DEVICE_LOST, why());
  }

  void shaken() {
    if (grant_.pin && !is_pinned(SSL_get0_peer_certificate(session_.get()), *grant_.pin))
      return channel_->open_failed(channel_->error("broker.tls_pin", GARITA_DEVICE_LOST));
    {
      const std::lock_guard session(mutex_);
      stands_ = true;
    }
    channel_->opened();
    read();
  }

  // ---- Reading

  void read() {
    for (int turn = 0; turn < chunks_a_turn; ++turn) {
      size_t size = 0;
      int error = SSL_ERROR_NONE;
      std::string reason;
      {
        const std::lock_guard session(mutex_);
        if (!stands_) return;
        const WithoutPipeSignal quiet;
        ERR_clear_error();
        if (SSL_read_ex(session_.get(), buffer_.data(), buffer_.size(), &size) != 1)
          error = SSL_get_error(session_.get(), 0);
        if (error == SSL_ERROR_SSL || error == SSL_ERROR_SYSCALL) reason = why();
      }
      if (error == SSL_ERROR_ZERO_RETURN) return channel_->ended(GARITA_END, {});
      if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE) return read_when_ready(error);
      if (error != SSL_ERROR_NONE) return channel_->ended(GARITA_DEVICE_LOST, lost(std::move(reason)));
      paused_ = !channel_->arrived(std::span(buffer_).first(size));
      if (paused_) return;
    }
    asio::post(socket_.get_executor(), [self = shared_from_this()] {
      if (!self->stopped_) self->read();
    });
  }

  void read_when_ready(int error) {
    const auto what = error == SSL_ERROR_WANT_READ ? tcp::socket::wait_read : tcp::socket::wait_write;
    socket_.async_wait(what, [self = shared_from_this()](Code code) {
      if (!self->stopped_ && !code) self->read();
    });
  }

  void ring_when_ready(bool writable) {
    if (std::exchange(waiting_to_write_, true)) return;
    asio::post(socket_.get_executor(), [self = shared_from_this(), writable] {
      if (self->stopped_) return;
      self->socket_.async_wait(writable ? tcp::socket::wait_write : tcp::socket::wait_read, [self](Code) {
        const auto lock = self->channel_->signal().lock();
        self->waiting_to_write_ = false;
        self->channel_->signal().ring();
      });
    });
  }

  tcp::socket socket_;
  std::shared_ptr<Channel> channel_;
  const TlsGrant grant_;
  std::vector<tcp::endpoint> endpoints_;
  std::vector<std::byte> buffer_;
  std::mutex mutex_;  // inside the broker's lock, where both are held
  std::unique_ptr<SSL_CTX, Free> context_;
  std::unique_ptr<SSL, Free> session_;  // of the I/O thread alone until it stands
  bool stands_ = false;                 // under mutex_
  bool paused_ = false, stopped_ = false;  // I/O thread
  bool waiting_to_write_ = false;          // under the broker's lock
};

}  // namespace

std::shared_ptr<Stream> make_tls_stream(asio::io_context& io, std::shared_ptr<Channel> channel, Addresses addresses) {
  return std::make_shared<TlsStream>(io, std::move(channel), addresses);
}

}  // namespace garita::broker
