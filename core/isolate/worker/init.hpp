// A tiny init: the first process of a box with namespaces, so that the worker is an ordinary process there
// (signals end it as they should) and nothing outlives it.
#pragma once

#include <sys/types.h>

#include <cstdint>

#include "core/isolate/wire/launch.hpp"

namespace garita::isolate {

// What a new process gets from the launcher. Lies in memory that it may share with it until exec.
struct Start {
  int fds[max_worker_fds + 1 + max_cgroups];
  uint32_t count = 0;     // the worker's own descriptors
  int box_socket = -1;    // -1: B0
  pid_t parent = 0;       // 0: the worker's parent is not to be checked
  int program = -1;       // the worker's binary
  uint32_t identity = 0;  // 0: keep; else the user and group to become
  bool ambient = false;   // keep over exec what leaving the root needs
};

// exec, with the worker's descriptors where they belong. Returns the worker's pid when exec is done; shares
// memory until then.
pid_t start_worker(const Start& start, int* pidfd);

// setgroups, setgid, setuid, where start says so. False: errno.
bool become_other(const Start& start);

// In the new namespaces: waits for `ready` (a byte, when its identity is written down), starts the worker,
// passes signals on, writes the worker's wait status to `status`, ends. A closed `status` means that the
// launcher is gone.
[[noreturn]] void run_init(Start& start, int ready, int status);

}  // namespace garita::isolate
