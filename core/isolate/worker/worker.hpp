// What the worker program does: `--worker` serves one driver on one device, `--worker --boxed` the same in a box; `--launcher` starts
// workers.
#pragma once

namespace garita::isolate {

// Descriptors of a worker, in this order: region, strip pool, the driver's sealed binary, its listed files.
inline constexpr int region_fd = 3, pool_fd = 4, driver_fd = 5, first_file_fd = 6;
inline constexpr int launcher_fd = 3;

// Serves commands until close or death; never returns: the process ends without running what the driver left for exit.
// boxed: enters the box first (worker/box.hpp).
[[noreturn]] void serve_driver(bool boxed);

// Serves requests on launcher_fd until its host is gone. Returns the exit code.
int run_launcher();

}  // namespace garita::isolate
