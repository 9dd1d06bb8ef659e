// TCP ports of this machine's loopback on which nothing listens, none given twice by one program.
#pragma once

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdint>
#include <set>

namespace garita::base::testing {

// Binds `port`, or any where it is 0; the port, or 0 where it is taken.
inline uint16_t bound_port(uint16_t port) {
  const int end = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  socklen_t size = sizeof address;
  const bool bound = ::bind(end, reinterpret_cast<const sockaddr*>(&address), size) == 0 &&
                     ::getsockname(end, reinterpret_cast<sockaddr*>(&address), &size) == 0;
  ::close(end);
  return bound ? ntohs(address.sin_port) : 0;
}

// The kernel may give a port again as soon as it is closed: what was given is remembered.
inline bool claim_port(uint16_t port) {
  static std::set<uint16_t> given;
  return bound_port(port) == port && given.insert(port).second;
}

inline uint16_t free_port() {
  for (int i = 0; i < 1'000; ++i)
    if (const uint16_t port = bound_port(0); port != 0 && claim_port(port)) return port;
  return 0;
}

}  // namespace garita::base::testing
