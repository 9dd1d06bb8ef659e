// What a process and all that descend from it have taken so far.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <map>

namespace garita::bench {

struct Taken {
  double processor_s = 0;  // of those alive, and of their children that are gone
  uint32_t processes = 0;
  uint32_t threads = 0;
};

Taken taken_by(pid_t root);

// Of each of them, bytes: anonymous and shared memory, in proportion; no pages of files. Reading it of
// hundreds of processes takes a while.
std::map<pid_t, uint64_t> memory_of(pid_t root);

}  // namespace garita::bench
