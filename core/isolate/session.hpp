// A driver in a process of its own: the same Session face as load's, but a driver that crashes, hangs or lies
// ends its worker and nothing else.
//
// What became of a worker is an error of the driver class, in one sentence: isolate.crashed {signal},
// isolate.exited {code}, isolate.thread_ended, isolate.hung {limit_ms}, isolate.lied {what}; all with
// {driver, event}, where event is the call that was under way; and isolate.breach {class, call, target,
// count} of one that tried to leave its box. The session is dead then: every later next answers the same.
// Nothing of the worker is left behind: strips not delivered are back, streams closed, the process gone.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>

#include "core/base/result.hpp"
#include "core/isolate/box/attempt.hpp"
#include "core/isolate/crash.hpp"
#include "core/isolate/wire/box.hpp"
#include "core/load/manifest.hpp"
#include "core/load/services.hpp"
#include "core/load/session.hpp"

namespace garita::isolate {

struct WorkerOptions {
  std::filesystem::path program;    // garita-worker; empty: $GARITA_WORKER, else beside this program
  uint64_t pool_bytes = 64u << 20;  // strips held by the driver, or delivered and not yet processed
  uint32_t load_ms = 10000;         // how long constructors, entry and describe may take
  uint32_t spin_us = 20;            // how long an end looks for the answer before it sleeps; 0: not at all
  std::optional<Box> box;  // exactly this one; nullopt: the best that the machine gives, and none below …
  Box required_box = Box::B1;  // … this one
  bool decoy = false;  // hand out sockets that lead nowhere, so that a breach says where it wanted to go
  // Of a manifest with granted connects: see Supervised::connects.
  std::function<std::optional<int>(std::string_view address)> connects = {};
  AttemptSink* attempts = nullptr;  // outlives the session; called from the supervisor's thread
  WorkerObserver* observer = nullptr;  // outlives the session

  // For a vendor with a debugger. Called when the worker stands and no code of the driver has run; it goes on when this
  // returns. The driver is then loaded from its file on the disk, and may take as long as it likes. Only in B0.
  std::function<base::Result<void>(pid_t worker)> debugger;
};

// Starts a worker, loads `manifest`'s driver there and opens one device. `services` outlives the session. It is called on the
// thread of the session's calls, or, between two next of a scan, on one of the session's own; never on two at once, but log and
// raise_cancel; after catch_up() on none. strip_alloc is not asked of it: strips come from memory shared with the worker, within
// services.limits() and pool_bytes. Errors: as load::Library::load and load::open_in_process have them; isolate.* where the
// worker died or could not start.
base::Result<std::unique_ptr<load::Session>> open_isolated(const load::Manifest& manifest,
                                                           load::Services& services, std::string_view model,
                                                           std::string_view instance, uint64_t deadline_ns,
                                                           const WorkerOptions& options = {});

// Loads the driver in a worker and ends it again: what Library::load answers, at no risk.
base::Result<void> try_loading(const load::Manifest& manifest, const WorkerOptions& options = {});

}  // namespace garita::isolate
