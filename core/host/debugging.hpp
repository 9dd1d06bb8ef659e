// Waits for a vendor's debugger before a driver's first byte runs.
#pragma once

#include <sys/types.h>

#include <atomic>

#include "core/base/result.hpp"
#include "core/host/scan_run.hpp"

namespace garita::host {

// Until some process traces `worker`. Errors: host.stopped, where stop is set meanwhile; isolate.died {driver, event}, where the
// worker is gone.
base::Result<void> await_debugger(pid_t worker, const std::atomic<bool>& stop, ScanObserver& observer);

}  // namespace garita::host
