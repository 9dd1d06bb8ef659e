#include "core/base/private_memory.hpp"

#include <sys/prctl.h>
#include <sys/resource.h>

namespace garita::base {

bool keep_memory_private() {
  const rlimit none{0, 0};
  // Of a pipe in core_pattern the limit says nothing, the flag does; the flag does not outlive an exec.
  return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0 && setrlimit(RLIMIT_CORE, &none) == 0;
}

}  // namespace garita::base
