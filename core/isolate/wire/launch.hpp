// What host and launcher say to each other over a SOCK_SEQPACKET socket: one request, one response.
#pragma once

#include <cstdint>

namespace garita::isolate {

inline constexpr uint32_t max_worker_fds = 64;

struct LaunchRequest {
  enum Kind : uint32_t { spawn = 1, status = 2 };
  uint32_t kind = spawn;
  int32_t pid = 0;  // of status
  // spawn: the worker's descriptors come along as SCM_RIGHTS, in the order that it has them, from 3 on.
};

struct LaunchResponse {
  int32_t error = 0;   // errno; 0: it was done
  int32_t pid = 0;     // spawn; exec is done when the response comes
  int32_t status = 0;  // status: as waitpid has it
  int32_t reserved = 0;
  // spawn: the pidfd comes along as SCM_RIGHTS.
};

}  // namespace garita::isolate
