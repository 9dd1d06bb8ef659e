// One worker process: started, asked whether it lives, ended.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <span>

#include "core/isolate/box/cgroup.hpp"
#include "core/isolate/box/supervisor.hpp"
#include "core/isolate/launcher.hpp"
#include "core/load/manifest.hpp"

namespace garita::isolate {

class Process {
 public:
  // At large: B0.
  static base::Result<std::unique_ptr<Process>> start(const std::filesystem::path& program,
                                                      std::span<const int> fds);
  // In a box. When this returns the box is shut, and no code of a driver has run yet.
  static base::Result<std::unique_ptr<Process>> start(const std::filesystem::path& program,
                                                      std::span<const int> fds, const BoxOrder& order,
                                                      Supervised supervised);
  // Enters the box without any driver, and ends.
  static base::Result<void> rehearse(const std::filesystem::path& program, Box box);
  ~Process() { (void)end(); }

  bool lives() const;  // any thread
  pid_t pid() const { return child_.pid; }

  // Who answers for its box; nullptr in B0.
  const Supervision* supervision() const { return supervision_.get(); }
  // It tried to leave its box: nothing that it says counts any more.
  bool breached() const { return supervision_ && supervision_->breached_ns() != 0; }
  // And has been seen for long enough.
  bool doomed(uint64_t now_ns) const {
    return breached() && (supervision_->flooded() || now_ns >= supervision_->breached_ns() + breach_grace_ns);
  }

  // Kills it where it still lives, and waits until it is gone. Its wait status, where somebody knows it.
  // Idempotent.
  std::optional<int> end();

  // Sends it a signal that it may handle. In a box with an init, by way of that.
  void signal(int number) const;
  // What it and its init took: so far, or in all when it has ended.
  Usage used() const { return ended_ ? used_ : usage_of(child_.pid); }

 private:
  Process(std::shared_ptr<Launcher> launcher, Launcher::Child child)
      : launcher_(std::move(launcher)), child_(std::move(child)) {}
  base::Result<Descriptor> hear_report(int socket, Box box);

  const std::shared_ptr<Launcher> launcher_;
  Launcher::Child child_;
  std::unique_ptr<Cgroup> cgroup_;
  std::unique_ptr<Supervision>
      supervision_;  // ends after the process, so that no refused call ever gets another answer
  bool ended_ = false;
  std::optional<int> status_;
  Usage used_;
};

// A descriptor of a sealed copy of `path`'s bytes, which have this digest. One copy a process, for its life:
// restarts need no disk, and a file swapped later changes nothing. Errors: base.file_*, load.digest,
// load.no_memory_file.
base::Result<int> sealed_copy(const load::Manifest& manifest, const load::PackageFile& file);

}  // namespace garita::isolate
