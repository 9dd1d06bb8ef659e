#include "core/isolate/usage.hpp"

#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <sstream>
#include <string>

namespace garita::isolate {
namespace {

constexpr int max_children = 64;

std::string folder_of(pid_t process) { return "/proc/" + std::to_string(process) + "/"; }

// utime, stime, cutime and cstime are the fields 14 to 17; the name before them may hold anything.
uint64_t cpu_ns_of(pid_t process) {
  std::ifstream file(folder_of(process) + "stat");
  std::string line;
  std::getline(file, line);
  const size_t name_end = line.rfind(')');
  if (name_end == std::string::npos) return 0;
  std::istringstream words(line.substr(name_end + 1));
  std::string skipped;
  for (int i = 0; i < 11; ++i) words >> skipped;
  uint64_t ticks = 0, one = 0;
  for (int i = 0; i < 4 && words >> one; ++i) ticks += one;
  static const auto ticks_a_second = static_cast<uint64_t>(std::max(sysconf(_SC_CLK_TCK), 1L));
  return ticks * (1'000'000'000 / ticks_a_second);
}

uint64_t peak_bytes_of(pid_t process) {
  std::ifstream file(folder_of(process) + "status");
  uint64_t kibibytes = 0;
  for (std::string word; file >> word;)
    if (word == "VmHWM:") file >> kibibytes;
  return kibibytes * 1024;
}

}  // namespace

Usage usage_of(pid_t process) {
  Usage all{cpu_ns_of(process), peak_bytes_of(process)};
  std::ifstream children(folder_of(process) + "task/" + std::to_string(process) + "/children");
  pid_t child = 0;
  for (int i = 0; i < max_children && children >> child; ++i) {
    all.cpu_ns += cpu_ns_of(child);
    all.peak_bytes = std::max(all.peak_bytes, peak_bytes_of(child));
  }
  return all;
}

}  // namespace garita::isolate
