// Half-open connections: a peer whose cable was cut says nothing, and TCP alone would wait for it for ever.
#pragma once

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstdint>

namespace garita::broker {

// Lost after alive_ns (at least a second) without any sign of the peer's system: where nothing is said it is asked, and
// where something was sent its acknowledgement is missed.
inline void watch_for_silence(int socket, uint64_t alive_ns) {
  const int on = 1, probes = 3;
  const int alive_s = static_cast<int>(std::clamp<uint64_t>(alive_ns / 1'000'000'000, 1, 7200));
  const int interval_s = std::max(alive_s / 5, 1), idle_s = std::max(alive_s - probes * interval_s, 1);
  const unsigned timeout_ms = static_cast<unsigned>(alive_s) * 1000;
  ::setsockopt(socket, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
  ::setsockopt(socket, IPPROTO_TCP, TCP_KEEPIDLE, &idle_s, sizeof idle_s);
  ::setsockopt(socket, IPPROTO_TCP, TCP_KEEPINTVL, &interval_s, sizeof interval_s);
  ::setsockopt(socket, IPPROTO_TCP, TCP_KEEPCNT, &probes, sizeof probes);
  ::setsockopt(socket, IPPROTO_TCP, TCP_USER_TIMEOUT, &timeout_ms, sizeof timeout_ms);
}

}  // namespace garita::broker
