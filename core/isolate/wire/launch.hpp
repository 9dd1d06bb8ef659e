// What host and launcher say to each other over a SOCK_SEQPACKET socket: one request, one response.
#pragma once

#include <cstdint>

namespace garita::isolate {

inline constexpr uint32_t max_worker_fds = 64;
inline constexpr uint32_t max_cgroups = 2;
inline constexpr uint32_t unprivileged_id = 65534;  // nobody: whose a box is where the host runs as root

struct LaunchRequest {
  enum Kind : uint32_t { spawn = 1, status = 2 };
  uint32_t kind = spawn;
  int32_t pid = 0;       // of status
  uint32_t box = 0;      // of spawn: Box
  uint32_t cgroups = 0;  // of spawn: how many
  // spawn: descriptors come along as SCM_RIGHTS: the worker's in the order that it has them, from 3 on; where
  // box is not B0 the socket of wire/box.hpp; the cgroup.procs files that it is to be written to.
};

struct LaunchResponse {
  int32_t error = 0;  // errno; 0: it was done
  int32_t pid =
      0;  // spawn: the worker's, or its init's where it has one; exec is done, or its init will report
  int32_t status = 0;  // status: as waitpid has it
  uint32_t step = 0;   // spawn: BoxStep that failed
  uint64_t cpu_ns = 0;      // status: processor time of all that the child waited for, and its own
  uint64_t peak_bytes = 0;  // status: the most memory that one of them had resident
  // spawn: the pidfd comes along as SCM_RIGHTS.
};

}  // namespace garita::isolate
