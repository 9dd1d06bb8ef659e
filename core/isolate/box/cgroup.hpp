// A control group for one box: a limit on its memory and processes in all, which no rlimit gives. Version 2
// where the host's own group may have groups below it (a service with Delegate=yes), else version 1 where the
// host may make groups.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <vector>

#include "core/base/result.hpp"
#include "core/isolate/wire/region.hpp"

namespace garita::isolate {

class Cgroup {
 public:
  // Errors: isolate.no_cgroup.
  static base::Result<std::unique_ptr<Cgroup>> create(uint64_t memory_bytes, uint32_t processes);
  ~Cgroup();  // when its processes are gone; takes it away

  // Where the id of a process is written so that it belongs to it; open for writing.
  std::vector<int> entrances() const;

 private:
  std::vector<std::filesystem::path> folders_;
  std::vector<Descriptor> entrances_;
};

}  // namespace garita::isolate
