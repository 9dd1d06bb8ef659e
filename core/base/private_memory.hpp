// For programs in whose memory lies what was scanned.
#pragma once

namespace garita::base {

// From now on, and for every process that is started from here: no core file (RLIMIT_CORE 0), and of this
// process neither a core dump to a program that collects them nor a debugger of another process
// (PR_SET_DUMPABLE 0). False: the system refused. Any thread; best before the first other one.
[[nodiscard]] bool keep_memory_private();

}  // namespace garita::base
