// One worker process: started, asked whether it lives, ended.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <span>

#include "core/isolate/launcher.hpp"
#include "core/load/manifest.hpp"

namespace garita::isolate {

class Process {
 public:
  static base::Result<std::unique_ptr<Process>> start(const std::filesystem::path& program, std::span<const int> fds);
  ~Process() { (void)end(); }

  bool lives() const;  // any thread
  pid_t pid() const { return child_.pid; }

  // Kills it where it still lives, and waits until it is gone. Its wait status, where somebody knows it. Idempotent.
  std::optional<int> end();

 private:
  Process(std::shared_ptr<Launcher> launcher, Launcher::Child child)
      : launcher_(std::move(launcher)), child_(std::move(child)) {}

  const std::shared_ptr<Launcher> launcher_;
  Launcher::Child child_;
  bool ended_ = false;
  std::optional<int> status_;
};

// A descriptor of a sealed copy of `path`'s bytes, which have this digest. One copy a process, for its life: restarts
// need no disk, and a file swapped later changes nothing. Errors: base.file_*, load.digest, load.no_memory_file.
base::Result<int> sealed_copy(const load::Manifest& manifest, const load::PackageFile& file);

}  // namespace garita::isolate
