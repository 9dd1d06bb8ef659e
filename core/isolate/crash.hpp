// What is known of a driver's end, for its vendor. Frames and modules are the dead worker's own word, and checked; calls and
// streams are the host's.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "core/isolate/call_trail.hpp"
#include "core/isolate/usage.hpp"
#include "core/isolate/wire/box.hpp"
#include "core/isolate/wire/trace.hpp"
#include "core/isolate/wire/untrusted.hpp"
#include "core/load/manifest.hpp"

namespace garita::isolate {

struct Frame {
  std::string file;     // "acme.so"; empty: the address lies in no file
  uint64_t offset = 0;  // in the file, as nm and addr2line count; the address itself where there is no file
};

struct LoadedFile {
  std::string file;
  std::string build_id;  // hex; empty: it has none
};

// Where the signal struck.
struct Struck {
  int signal = 0, code = 0;
  std::optional<uint64_t> address;  // that was not to be touched
  std::vector<Frame> frames;  // innermost first
};

struct Crash {
  base::Error error;  // the sentence: isolate.crashed, isolate.hung, isolate.breach …
  Box box = Box::B0;
  std::optional<int> wait_status;  // as waitpid has it
  std::optional<Struck> struck;    // nullopt: the driver took the handlers away, or no signal came
  std::vector<LoadedFile> files;
  std::vector<CallNote> calls;  // oldest first
  std::vector<StreamTail> streams;
  Usage used;
  uint64_t ended_ns = 0;  // CLOCK_MONOTONIC
};

// Calls come on the thread of the session's calls.
class WorkerObserver {
 public:
  virtual ~WorkerObserver() = default;
  virtual void started(pid_t /*process*/) {}       // the worker, or its init where it has one
  virtual void ended(const Usage& /*used*/) {}     // each worker, once
  virtual void crashed(const Crash& /*crash*/) {}  // it died, hung, or tried to leave its box
};

// Takes a worker's trace: counts are cut to what there can be, names to printable text, and the listed files of the manifest
// get their own names back.
struct CheckedTrace {
  std::optional<Struck> struck;
  std::vector<LoadedFile> files;
};
CheckedTrace check_trace(const Trace& shared, const load::Manifest& manifest);

}  // namespace garita::isolate
