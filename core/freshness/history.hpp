// The prints of a device's last scans, one small file each: STATE/freshness/DEVICE/000000000042.print.
// Nothing of them stays in memory, and a restart changes nothing.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "core/base/file.hpp"
#include "core/freshness/print.hpp"

namespace garita::freshness {

inline constexpr size_t max_history = 32;

class History {
 public:
  // device: whatever tells it from all others; it becomes part of the folder's name as a digest.
  History(const std::filesystem::path& state, const std::string& device,
          base::FileSystem& files = base::real_file_system());

  // What can be read of it, oldest first: a file that is torn or not ours is as if it were not there.
  std::vector<ScanPrint> load() const;

  // Adds one, and takes away what is beyond max_history. A print that power takes is a scan that cannot be
  // known again, and no more: it is not worth a wait for the disk.
  base::Result<void> add(const ScanPrint& print) const;

  const std::filesystem::path& folder() const { return folder_; }

 private:
  std::vector<std::filesystem::path> paths() const;  // oldest first

  std::filesystem::path folder_;
  base::FileSystem& files_;
};

}  // namespace garita::freshness
