// What a course notes beyond the events themselves: figures of the pixels as they pass, and of the worker
// from outside.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "core/image/event.hpp"
#include "core/isolate/session.hpp"
#include "core/normalize/calibration_store.hpp"

namespace garita::conformance {

// Of all samples of one channel of one view.
struct PlaneFigures {
  uint32_t view = 0, channel = 0;
  uint64_t samples = 0;
  double least = 0, most = 0;  // as stored
  uint64_t not_finite = 0;
  uint64_t beyond_bits = 0;  // that need more bits than bits_used
  uint64_t implausible =
      0;  // transmission outside -0.2 … 2, attenuation outside -1 … 30; of other values none
  bool judged = false;  // implausible was counted: the fidelity has a scale, and raw counts their calibration
};

// correction: nullptr where there is none.
void look_at(const image::Strip& strip, const image::View& view, const normalize::Correction* correction,
             PlaneFigures& figures);

// One calibration event as it came.
struct CalibrationFigures {
  uint32_t role = 0, view = 0, channel = 0, averaged = 0;
  uint64_t id = 0;
  image::Time time;
  double mean = 0;  // counts
};
CalibrationFigures look_at(const image::Calibration& calibration);

// The worker's process, as the system tells it. Zeros where it is not known.
struct WorkerFigures {
  struct Thread {
    uint64_t cpu_ns = 0, waited_ns = 0;  // on a processor; for one
  };
  std::map<std::string, Thread> of_threads;
  uint64_t cpu_ns = 0;                    // of its threads, so far
  uint64_t memory_bytes = 0;              // of its own, resident: strips and files not counted
  uint32_t threads = 0, descriptors = 0;  // descriptors: those that are open; 0: not for us to see
};

// The busiest thread's share of the time in which it was not kept from a processor: a loop is 1 on a loaded
// machine too. 0 where there was too little of it to say.
double busiest(const WorkerFigures& before, const WorkerFigures& after, uint64_t between_ns);

// Finds the worker under the process that was started: itself, or below its init.
class WorkerWatch final : public isolate::WorkerObserver, public isolate::AttemptSink {
 public:
  void started(pid_t process) override { started_ = process; }
  void attempted(const isolate::Attempt& attempt) override;

  WorkerFigures look() const;
  // The first attempt to reach a network whose address is known, else the first of all; nullopt: none.
  std::optional<isolate::Attempt> egress() const;

 private:
  pid_t worker() const;

  pid_t started_ = 0;
  mutable std::mutex mutex_;
  std::vector<isolate::Attempt> attempts_;
};

}  // namespace garita::conformance
