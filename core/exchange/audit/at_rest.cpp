#include "core/exchange/audit/at_rest.hpp"

#include <fcntl.h>
#include <linux/fs.h>
#include <linux/fscrypt.h>
#include <linux/magic.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <fstream>
#include <sstream>

namespace garita::exchange {
namespace {

namespace fs = std::filesystem;
constexpr unsigned max_depth = 8, max_slaves = 64;

std::string first_line(const fs::path& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line;
}

std::string name_of(dev_t device) {
  return std::to_string(major(device)) + ":" + std::to_string(minor(device));
}

// A file system of several devices (btrfs) has a number of its own: the source of its mount tells the disk.
std::string device_of(const fs::path& folder) {
  struct stat status {};
  if (stat(folder.c_str(), &status) != 0) return "";
  if (major(status.st_dev) != 0) return name_of(status.st_dev);
  std::ifstream mounts("/proc/self/mountinfo");
  for (std::string line; std::getline(mounts, line);) {
    std::istringstream words(line);
    std::string id, parent, device;
    words >> id >> parent >> device;
    const size_t dash = line.find(" - ");
    if (device != name_of(status.st_dev) || dash == line.npos) continue;
    std::istringstream rest(line.substr(dash + 3));
    std::string kind, source;
    rest >> kind >> source;
    struct stat disk {};
    if (stat(source.c_str(), &disk) == 0 && S_ISBLK(disk.st_mode)) return name_of(disk.st_rdev);
  }
  return "";
}

bool has_folder_policy(const fs::path& folder) {
  const int descriptor = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return false;
  fscrypt_get_policy_ex_arg policy{};
  policy.policy_size = sizeof policy.policy;
  const bool found = ioctl(descriptor, FS_IOC_GET_ENCRYPTION_POLICY_EX, &policy) == 0;
  close(descriptor);
  return found;
}

}  // namespace

bool is_encrypted_device(const fs::path& blocks, const std::string& device, unsigned depth) {
  const fs::path folder = blocks / device;
  if (first_line(folder / "dm" / "uuid").starts_with("CRYPT-")) return true;
  if (depth >= max_depth) return false;
  // A partition lies on its disk; all else on its slaves.
  std::error_code none;
  unsigned slaves = 0;
  for (const auto& slave : fs::directory_iterator(folder / "slaves", none)) {
    const std::string below = first_line(slave.path() / "dev");
    if (below.empty() || ++slaves > max_slaves || !is_encrypted_device(blocks, below, depth + 1))
      return false;
  }
  if (slaves > 0) return true;
  if (!fs::exists(folder / "partition", none)) return false;
  const std::string disk = first_line(fs::canonical(folder, none).parent_path() / "dev");
  return !disk.empty() && is_encrypted_device(blocks, disk, depth + 1);
}

AtRest at_rest_of(const fs::path& folder, const fs::path& blocks) {
  struct statfs system {};
  if (statfs(folder.c_str(), &system) != 0) return AtRest::unknown;
  if (system.f_type == TMPFS_MAGIC) return AtRest::memory;
  if (has_folder_policy(folder)) return AtRest::folder;
  const std::string device = device_of(folder);
  return !device.empty() && is_encrypted_device(blocks, device) ? AtRest::volume : AtRest::unknown;
}

base::Result<void> require_at_rest(const fs::path& folder, const fs::path& blocks) {
  const AtRest found = at_rest_of(folder, blocks);
  if (found == AtRest::volume || found == AtRest::folder) return {};
  return base::Error{base::Outcome::usage, "exchange.at_rest", {{"path", folder.string()}}, 0};
}

}  // namespace garita::exchange
