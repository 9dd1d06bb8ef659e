// One program under limits, and what it leaves behind.
//
// A keeper stands between: it starts the program in a process group of its own, ends the whole group where
// time is over, inherits every process that the program lets go of, and says what is left. When this process
// dies, all of them do.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "core/base/result.hpp"

namespace garita::conformance {

struct ProcessLimits {
  uint64_t wall_ms = 60000;
  uint64_t cpu_s = 0;         // of each process; 0: no limit
  uint64_t memory_bytes = 0;  // of address space, of each process; 0: no limit
};

struct ProcessEnd {
  enum class How : uint8_t { exited, signalled, timed_out, not_started };
  How how = How::not_started;
  int code = 0;  // exit code, or signal
  double ms = 0;
  std::vector<std::string> residue;  // "process NAME", "/dev/shm/NAME"
};

// A program that runs. Not safe for two threads; the starting process must have one thread.
class Running {
 public:
  // output: where stdout and stderr go. Errors: conform.no_process {program, reason}.
  static base::Result<Running> start(const std::vector<std::string>& arguments,
                                     const std::filesystem::path& output, const ProcessLimits& limits);
  Running(Running&& other) noexcept;
  Running& operator=(Running&& other) noexcept;
  ~Running();  // ends it where it still runs

  int fd() const { return fd_; }  // readable when it has ended
  ProcessEnd wait();              // blocks; the keeper holds the limits

 private:
  Running(pid_t keeper, int fd) : keeper_(keeper), fd_(fd) {}
  void stop();

  pid_t keeper_ = -1;
  int fd_ = -1;
};

// `name` beside this program, in `folder`, else as it stands (PATH).
std::string find_program(const std::string& name, const std::filesystem::path& folder = {});

// Starts a program that runs until it is stopped, such as a simulator.
base::Result<Running> start_background(const std::vector<std::string>& arguments,
                                       const std::filesystem::path& output);

}  // namespace garita::conformance
