// What a worker took of the machine, together with its init where it has one.
#pragma once

#include <sys/types.h>

#include <cstdint>

namespace garita::isolate {

struct Usage {
  uint64_t cpu_ns = 0;      // of all processors together
  uint64_t peak_bytes = 0;  // the most memory that was resident at a time, shared pages included
};

// Of a process that lives, and its children: as far as /proc tells, else zeros.
Usage usage_of(pid_t process);

}  // namespace garita::isolate
