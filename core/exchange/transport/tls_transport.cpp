#include "core/exchange/transport/tls_transport.hpp"

#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

namespace garita::exchange {
namespace {

struct Free {
  void operator()(addrinfo* found) const { ::freeaddrinfo(found); }
};

std::unique_ptr<addrinfo, Free> look_up(const TlsOptions& options) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICSERV | (options.listens ? AI_PASSIVE | AI_NUMERICHOST : 0);
  addrinfo* found = nullptr;
  const int failed =
      ::getaddrinfo(options.host.c_str(), std::to_string(options.port).c_str(), &hints, &found);
  return std::unique_ptr<addrinfo, Free>(failed ? nullptr : found);
}

int make_socket(const addrinfo& address) {
  return ::socket(address.ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
}

uint16_t port_of(int socket) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  if (::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size) != 0) return 0;
  return ntohs(address.ss_family == AF_INET6 ? reinterpret_cast<const sockaddr_in6&>(address).sin6_port
                                             : reinterpret_cast<const sockaddr_in&>(address).sin_port);
}

}  // namespace

base::Result<std::unique_ptr<TlsTransport>> TlsTransport::open(TlsOptions options, const base::Clock& clock) {
  GARITA_TRY_ASSIGN(context, TlsContext::make(options.identity, options.listens, clock));
  std::unique_ptr<TlsTransport> transport(new TlsTransport(std::move(options), std::move(context), clock));
  if (transport->options_.listens) GARITA_TRY(transport->listen());
  return transport;
}

TlsTransport::~TlsTransport() {
  if (listener_ >= 0) ::close(listener_);
}

base::Result<void> TlsTransport::listen() {
  const auto address = look_up(options_);
  const int yes = 1;
  listener_ = address ? make_socket(*address) : -1;
  const bool good =
      listener_ >= 0 && ::setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) == 0 &&
      ::bind(listener_, address->ai_addr, address->ai_addrlen) == 0 && ::listen(listener_, 16) == 0;
  if (!good)
    return base::Error{base::Outcome::not_loaded,
                       "exchange.cannot_listen",
                       {{"address", options_.host + ":" + std::to_string(options_.port)},
                        {"reason", address ? std::generic_category().message(errno) : "no such address"}}};
  options_.port = port_of(listener_);
  return {};
}

void TlsTransport::connect() {
  if (session_ || candidate_ || now_ms() < next_try_ms_) return;
  next_try_ms_ = now_ms() + options_.again_ms;
  const auto address = look_up(options_);
  const int socket = address ? make_socket(*address) : -1;
  if (socket < 0) return;
  if (::connect(socket, address->ai_addr, address->ai_addrlen) != 0 && errno != EINPROGRESS) {
    ::close(socket);
    return;
  }
  candidate_ = std::make_unique<TlsSession>(socket, context_, false);
  candidate_since_ms_ = now_ms();
}

// One at a time; who is slow to show a certificate makes no other wait for longer than the patience lasts.
void TlsTransport::accept() {
  if (candidate_) return;
  const int socket = ::accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (socket < 0) return;
  candidate_ = std::make_unique<TlsSession>(socket, context_, true);
  candidate_since_ms_ = now_ms();
}

// A peer that stands a second time has lost the first connection, whatever this end still believes of it.
void TlsTransport::work() {
  if (candidate_) candidate_->work();
  if (candidate_ && candidate_->stands()) {
    session_ = std::move(candidate_);
    trouble_.reset();
    ++generation_;
  } else if (candidate_ && (candidate_->over() || now_ms() - candidate_since_ms_ > options_.patience_ms)) {
    if (candidate_->why()) trouble_ = candidate_->why();
    candidate_.reset();
  }
  if (session_) session_->work();
  if (session_ && session_->over()) {
    if (session_->why()) trouble_ = session_->why();
    session_.reset();
  }
}

void TlsTransport::wait(uint32_t wait_ms) {
  std::array<pollfd, 3> wanted{};
  nfds_t count = 0;
  if (listener_ >= 0 && !candidate_) wanted[count++] = {listener_, POLLIN, 0};
  if (session_) wanted[count++] = {session_->socket(), session_->wishes(), 0};
  if (candidate_) wanted[count++] = {candidate_->socket(), candidate_->wishes(), 0};
  if (count == 0) wait_ms = std::min<uint32_t>(wait_ms, options_.again_ms);
  ::poll(wanted.data(), count, static_cast<int>(wait_ms));
}

base::Result<bool> TlsTransport::send(const Outgoing& message) {
  work();
  if (!session_ || !session_->takes()) return false;
  session_->put(message.bytes);
  return true;
}

base::Result<std::optional<Incoming>> TlsTransport::receive(uint32_t wait_ms) {
  const auto next = [&]() -> std::optional<Incoming> {
    auto message = session_ ? session_->next() : std::nullopt;
    if (!message) return std::nullopt;
    return Incoming{*std::move(message), {}};
  };
  if (auto message = next()) return message;
  if (listener_ < 0) connect();
  wait(wait_ms);
  if (listener_ >= 0) accept();
  // What a connection that just ended has brought is still good.
  if (session_) session_->work();
  if (auto message = next()) return message;
  work();
  return next();
}

}  // namespace garita::exchange
