// The other side of a stream: a listening socket on the loopback, as a scanner would be, with its bad
// manners.
#pragma once

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace garita::broker::testing {

// One accepted connection.
class Peer {
 public:
  explicit Peer(int fd) : fd_(fd) {}
  Peer(Peer&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  ~Peer() { finish(); }

  // All of it; false where the other side does not take it.
  bool send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      bytes.remove_prefix(static_cast<size_t>(sent));
    }
    return true;
  }

  // As much as goes out without waiting.
  size_t send_without_waiting(std::string_view bytes) {
    const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    return sent > 0 ? static_cast<size_t>(sent) : 0;
  }

  // Exactly that many bytes, or what came before the end.
  std::string receive(size_t size) {
    std::string bytes(size, '\0');
    const ssize_t got = ::recv(fd_, bytes.data(), size, MSG_WAITALL);
    bytes.resize(got > 0 ? static_cast<size_t>(got) : 0);
    return bytes;
  }

  void finish() {  // FIN
    if (fd_ >= 0) ::close(std::exchange(fd_, -1));
  }

  int descriptor() const { return fd_; }

  void half_close() { ::shutdown(fd_, SHUT_WR); }  // FIN, but goes on listening

  void reset() {  // RST
    const linger now{1, 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    finish();
  }

 private:
  int fd_;
};

class Loopback {
 public:
  explicit Loopback(int family = AF_INET) : fd_(::socket(family, SOCK_STREAM, 0)) {
    sockaddr_storage any{};
    socklen_t size = family == AF_INET ? sizeof(sockaddr_in) : sizeof(sockaddr_in6);
    if (family == AF_INET) {
      auto& v4 = reinterpret_cast<sockaddr_in&>(any);
      v4.sin_family = AF_INET;
      v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    } else {
      auto& v6 = reinterpret_cast<sockaddr_in6&>(any);
      v6.sin6_family = AF_INET6;
      v6.sin6_addr = in6addr_loopback;
    }
    listening_ =
        fd_ >= 0 && ::bind(fd_, reinterpret_cast<sockaddr*>(&any), size) == 0 && ::listen(fd_, 8) == 0;
    if (listening_) ::getsockname(fd_, reinterpret_cast<sockaddr*>(&any), &size);
    port_ = ntohs(family == AF_INET ? reinterpret_cast<sockaddr_in&>(any).sin_port
                                    : reinterpret_cast<sockaddr_in6&>(any).sin6_port);
  }
  ~Loopback() { stop(); }

  bool listening() const { return listening_; }  // false where the machine has no such address
  uint16_t port() const { return port_; }
  std::string address(std::string_view host = "127.0.0.1") const {
    return "tcp://" + std::string(host) + ":" + std::to_string(port_);
  }
  Peer accept() { return Peer(::accept(fd_, nullptr, nullptr)); }
  void hang_up() { ::shutdown(fd_, SHUT_RDWR); }  // who waits in accept gets nobody
  void stop() {
    if (fd_ >= 0) ::close(std::exchange(fd_, -1));
  }

 private:
  int fd_;
  bool listening_ = false;
  uint16_t port_ = 0;
};

}  // namespace garita::broker::testing
