// The host's end of the launcher (worker/launcher.cpp): asks it for workers, and what became of them. Any thread.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <span>

#include "core/base/result.hpp"
#include "core/isolate/wire/box.hpp"
#include "core/isolate/wire/launch.hpp"
#include "core/isolate/usage.hpp"
#include "core/isolate/wire/region.hpp"

namespace garita::isolate {

// $GARITA_WORKER, else garita-worker beside this program or in its libexec folder; empty: there is none.
std::filesystem::path find_worker_program();

class Launcher {
 public:
  // The launcher of this program file; started when it is first needed, and again where it died. Best called before the
  // host is large and has threads, but never wrong.
  static std::shared_ptr<Launcher> of(const std::filesystem::path& program);
  ~Launcher();

  struct Child {
    pid_t pid = 0;
    Descriptor pidfd;
  };

  // exec is done when this returns, or, where there is an init, in its hands. fds become the worker's, from 3 on; in a box
  // the last of them are the box's socket and `cgroups` entrances of control groups. The child of B2 and B3 is the init:
  // what ends it ends its worker.
  base::Result<Child> spawn(std::span<const int> fds, Box box = Box::B0, uint32_t cgroups = 0);
  // As waitpid has it, of a worker that is dead or just killed; nullopt where nobody knows any more. Takes it off the books.
  // used: what it and its init took, in all.
  std::optional<int> status(pid_t pid, Usage& used);

  pid_t pid() const { return pid_; }  // for tests

 private:
  explicit Launcher(std::filesystem::path program) : program_(std::move(program)) {}
  base::Result<void> start();
  void stop();
  bool exchange(const LaunchRequest& request, std::span<const int> fds, LaunchResponse& response, Descriptor& pidfd);

  const std::filesystem::path program_;
  std::mutex mutex_;
  Descriptor socket_;
  pid_t pid_ = -1;
};

}  // namespace garita::isolate
