#include "tests/bench/fleet_lanes/process_tree.hpp"

#include <unistd.h>

#include <cctype>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

namespace garita::bench {
namespace {

struct Line {
  pid_t parent = 0;
  uint64_t ticks = 0;
  uint32_t threads = 0;
};

// The fields behind the name of /proc/PID/stat.
bool read_line(const std::string& pid, Line& line) {
  std::ifstream in("/proc/" + pid + "/stat");
  std::string text;
  std::getline(in, text);
  const size_t end = text.rfind(')');
  if (end == text.npos) return false;
  std::istringstream fields(text.substr(end + 1));
  std::string state;
  fields >> state >> line.parent;
  std::string skipped;
  for (int i = 0; i < 9; ++i) fields >> skipped;
  uint64_t user = 0, system = 0, children_user = 0, children_system = 0;
  fields >> user >> system >> children_user >> children_system >> skipped >> skipped >> line.threads;
  line.ticks = user + system + children_user + children_system;
  return true;
}

// Of its own: anonymous and shared memory, in proportion. Pages of files are left out: what others who run
// the same programs take of them comes and goes with those.
uint64_t own_bytes(pid_t pid) {
  std::ifstream in("/proc/" + std::to_string(pid) + "/smaps_rollup");
  uint64_t own_kib = 0;
  for (std::string line; std::getline(in, line);)
    for (const char* kind : {"Pss_Anon:", "Pss_Shmem:"})
      if (line.starts_with(kind)) own_kib += std::stoull(line.substr(std::strlen(kind)));
  return own_kib << 10;
}

std::map<pid_t, Line> lines_of(pid_t root) {
  std::map<pid_t, Line> all;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator("/proc", error)) {
    const std::string name = entry.path().filename();
    Line line;
    if (std::isdigit(static_cast<unsigned char>(name[0])) && read_line(name, line))
      all[std::stoi(name)] = line;
  }
  const auto descends = [&](pid_t pid) {
    for (int i = 0; i < 16 && pid > 1; ++i) {
      if (pid == root) return true;
      const auto found = all.find(pid);
      if (found == all.end()) return false;
      pid = found->second.parent;
    }
    return false;
  };
  std::map<pid_t, Line> own;
  for (const auto& [pid, line] : all)
    if (descends(pid)) own.emplace(pid, line);
  return own;
}

}  // namespace

Taken taken_by(pid_t root) {
  Taken taken;
  for (const auto& [pid, line] : lines_of(root)) {
    taken.processor_s += static_cast<double>(line.ticks) / static_cast<double>(::sysconf(_SC_CLK_TCK));
    taken.threads += line.threads;
    ++taken.processes;
  }
  return taken;
}

std::map<pid_t, uint64_t> memory_of(pid_t root) {
  std::map<pid_t, uint64_t> own;
  for (const auto& [pid, line] : lines_of(root)) own[pid] = own_bytes(pid);
  return own;
}

}  // namespace garita::bench
