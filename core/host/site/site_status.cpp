#include "core/host/site/site_status.hpp"

#include <unistd.h>

#include <array>
#include <fstream>

namespace garita::host {

const char* name_of(DeviceState state) {
  static constexpr std::array<const char*, device_states> names = {
      "opening", "running", "restarting", "waiting", "failed", "quarantined", "ended", "stopped"};
  return names[static_cast<size_t>(state)];
}

namespace {

constexpr int max_generations = 8;

uint64_t resident_below(pid_t process, int generation) {
  const std::string folder = "/proc/" + std::to_string(process);
  uint64_t pages = 0, resident = 0;
  std::ifstream(folder + "/statm") >> pages >> resident;
  uint64_t bytes = resident * static_cast<uint64_t>(::sysconf(_SC_PAGE_SIZE));
  if (generation == max_generations) return bytes;
  std::ifstream children(folder + "/task/" + std::to_string(process) + "/children");
  for (pid_t child = 0; children >> child;) bytes += resident_below(child, generation + 1);
  return bytes;
}

}  // namespace

uint64_t resident_bytes(pid_t process, bool below) {
  return process > 0 ? resident_below(process, below ? 0 : max_generations) : 0;
}

}  // namespace garita::host
