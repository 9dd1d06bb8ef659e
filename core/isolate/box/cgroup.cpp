#include "core/isolate/box/cgroup.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <initializer_list>
#include <mutex>
#include <optional>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>

#include "core/isolate/box/reach.hpp"

namespace garita::isolate {
namespace {

using Path = std::filesystem::path;
using Settings = std::initializer_list<std::pair<const char*, std::string>>;

constexpr int name_attempts = 1000;
constexpr int removal_attempts = 100;  // a millisecond apart: the kernel lets go of the dead a little later

bool write_text(const Path& file, std::string_view text) {
  const Descriptor open_file(open(file.c_str(), O_WRONLY | O_CLOEXEC));
  return open_file && write(open_file.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size());
}

bool has_words(const Path& file, std::initializer_list<std::string_view> words) {
  std::ifstream text(file);
  std::string all(" "), word;
  while (text >> word) all += word + " ";
  for (std::string_view wanted : words)
    if (all.find(" " + std::string(wanted) + " ") == std::string::npos) return false;
  return true;
}

bool lists(const std::string& comma_separated, const std::string& word) {
  return ("," + comma_separated + ",").find("," + word + ",") != std::string::npos;
}

// Where a hierarchy is mounted: of version 1 by its controller, of version 2 by "".
std::optional<Path> mount_of(const std::string& controller) {
  std::ifstream mounts("/proc/self/mountinfo");
  for (std::string line; std::getline(mounts, line);) {
    std::istringstream words(line.substr(0, line.find(" - ")));
    std::string skip, root, place, type, source, options;
    words >> skip >> skip >> skip >> root >> place;
    std::istringstream(line.find(" - ") == std::string::npos ? "" : line.substr(line.find(" - ") + 3)) >>
        type >> source >> options;
    if (root != "/" && controller.empty()) continue;
    if (controller.empty() ? type == "cgroup2" : type == "cgroup" && lists(options, controller)) return place;
  }
  return std::nullopt;
}

// The host's own group in a hierarchy, by its line in /proc/self/cgroup.
std::optional<Path> own_group(const std::string& controller) {
  const std::optional<Path> mount = mount_of(controller);
  std::ifstream groups("/proc/self/cgroup");
  for (std::string line; mount && std::getline(groups, line);) {
    const size_t first = line.find(':'), second = line.find(':', first + 1);
    if (second == std::string::npos || !lists(line.substr(first + 1, second - first - 1), controller))
      continue;
    return *mount / Path(line.substr(second + 1)).relative_path();
  }
  return std::nullopt;
}

constexpr std::string_view prefix = "garita-box-";

// What hosts that were killed left behind: groups without a process, named by a host that is no more.
void sweep(const Path& parent) {
  std::error_code error;
  std::vector<Path> left;
  for (const auto& entry : std::filesystem::directory_iterator(parent, error)) {
    const std::string name = entry.path().filename();
    if (!name.starts_with(prefix)) continue;
    const pid_t host = std::atoi(name.c_str() + prefix.size());
    if (host > 0 && host != getpid() && kill(host, 0) != 0 && errno == ESRCH) left.push_back(entry.path());
  }
  for (const Path& folder : left) (void)rmdir(folder.c_str());
}

// A process number comes again, and a host that was killed may have left a group of that name.
std::optional<Path> new_group(const Path& parent) {
  static std::atomic<uint64_t> count{0};
  static std::mutex mutex;
  static std::set<Path> swept;
  {
    const std::lock_guard lock(mutex);
    if (swept.insert(parent).second) sweep(parent);
  }
  for (int attempt = 0; attempt < name_attempts; ++attempt) {
    const Path folder =
        parent / (std::string(prefix) + std::to_string(getpid()) + "-" + std::to_string(++count));
    if (mkdir(folder.c_str(), 0755) == 0) return folder;
    if (errno != EEXIST) break;
  }
  return std::nullopt;
}

// A group whose groups may be limited. The host itself must move into a group of its own first: one that has
// processes cannot limit those below it.
std::optional<Path> delegated_group() {
  const std::optional<Path> own = own_group("");
  if (!own) return std::nullopt;
  const Path parent = own->filename() == "garita-host" ? own->parent_path() : *own;
  if (!has_words(parent / "cgroup.controllers", {"memory", "pids"})) return errno = ENODEV, std::nullopt;
  if (has_words(parent / "cgroup.subtree_control", {"memory", "pids"})) return parent;
  const Path leaf = parent / "garita-host";
  if (mkdir(leaf.c_str(), 0755) != 0 && errno != EEXIST) return std::nullopt;
  if (!write_text(leaf / "cgroup.procs", std::to_string(getpid()))) return std::nullopt;
  if (!write_text(parent / "cgroup.subtree_control", "+memory +pids")) return std::nullopt;
  return parent;
}

}  // namespace

base::Result<std::unique_ptr<Cgroup>> Cgroup::create(uint64_t memory_bytes, uint32_t processes) {
  auto group = std::unique_ptr<Cgroup>(new Cgroup);
  const auto add = [&](const std::optional<Path>& parent, Settings settings) {
    if (!parent) return false;
    const std::optional<Path> folder = new_group(*parent);
    if (!folder) return false;
    group->folders_.push_back(*folder);
    for (const auto& [file, text] : settings)
      if (!write_text(*folder / file, text)) return false;
    group->entrances_.emplace_back(open((*folder / "cgroup.procs").c_str(), O_WRONLY | O_CLOEXEC));
    return static_cast<bool>(group->entrances_.back());
  };
  const std::string memory = std::to_string(memory_bytes), count = std::to_string(processes);
  errno = 0;
  if (add(delegated_group(), {{"memory.max", memory}, {"memory.swap.max", "0"}, {"pids.max", count}}))
    return group;
  if (!group->folders_.empty()) return box_missing(Box::B3, BoxStep::cgroup, errno);
  if (add(own_group("memory"), {{"memory.limit_in_bytes", memory}}) &&
      add(own_group("pids"), {{"pids.max", count}}))
    return group;
  return box_missing(Box::B3, BoxStep::cgroup, errno);
}

Cgroup::~Cgroup() {
  entrances_.clear();
  for (const Path& folder : folders_)
    for (int attempt = 0; attempt < removal_attempts && rmdir(folder.c_str()) != 0 && errno == EBUSY;
         ++attempt)
      usleep(1000);
}

std::vector<int> Cgroup::entrances() const {
  std::vector<int> files;
  for (const Descriptor& each : entrances_) files.push_back(each.get());
  return files;
}

}  // namespace garita::isolate
