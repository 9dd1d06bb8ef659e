#include "core/host/debugging.hpp"

#include <chrono>
#include <fstream>
#include <string>
#include <thread>

#include "garita/status.h"

namespace garita::host {
namespace {

constexpr std::chrono::milliseconds look{50};

enum class Traced { no, yes, gone };

Traced traced(pid_t process) {
  std::ifstream status("/proc/" + std::to_string(process) + "/status");
  for (std::string word; status >> word;) {
    if (word != "TracerPid:") continue;
    status >> word;
    return word == "0" ? Traced::no : Traced::yes;
  }
  return Traced::gone;
}

}  // namespace

base::Result<void> await_debugger(pid_t worker, const std::atomic<bool>& stop, ScanObserver& observer) {
  observer.awaits_debugger(worker, false);
  for (;;) {
    const Traced now = traced(worker);
    if (now == Traced::yes) break;
    if (stop) return base::Error{base::Outcome::incomplete, "host.stopped", {}};
    if (now == Traced::gone)
      return base::Error{base::Outcome::not_loaded, "isolate.died", {{"driver", "garita-worker"}, {"event", "load"}},
                         GARITA_HOST_FAILURE};
    std::this_thread::sleep_for(look);
  }
  observer.awaits_debugger(worker, true);
  return {};
}

}  // namespace garita::host
