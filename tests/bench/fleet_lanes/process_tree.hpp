// What a process and all that descend from it have taken so far.
#pragma once

#include <sys/types.h>

#include <cstdint>

namespace garita::bench {

struct Taken {
  double processor_s = 0;     // of those alive, and of their children that are gone
  uint64_t memory_bytes = 0;  // anonymous and shared, in proportion; no pages of files
  uint32_t processes = 0;
  uint32_t threads = 0;
};

// with_memory: reading it of hundreds of processes takes a while.
Taken taken_by(pid_t root, bool with_memory);

}  // namespace garita::bench
