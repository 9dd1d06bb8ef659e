// Which files of a folder are there in full, and which are still being written.
//
// A file is settled when it was renamed in, or when nobody has it open for writing and its size and times have not
// changed for settle_ms. The system tells of renames (inotify) where it can; where it cannot, the times settle it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <set>
#include <string>

#include "core/base/clock.hpp"
#include "core/base/result.hpp"
#include "core/broker/sealed_copy.hpp"

namespace garita::broker {

inline constexpr size_t max_folder_files = 1'000'000;  // more are not looked at until others are gone

struct FoundFile {
  FileIdentity identity;
  uint64_t unchanged_since_ns = 0;  // monotonic: first seen as it is now
  bool settled = false;
};

// One thread at a time.
class FolderWatch {
 public:
  FolderWatch(std::filesystem::path folder, uint64_t settle_ms, const base::Clock& clock);
  ~FolderWatch();
  FolderWatch(const FolderWatch&) = delete;
  FolderWatch& operator=(const FolderWatch&) = delete;

  // Looks again. Names that begin with '.' or end in ".part" are unfinished, and what is no regular file is not there.
  // "broker.inbox_folder" {folder, reason} where the folder cannot be read.
  base::Result<void> look();

  // It has been seen as it is for settle_ms: what belongs to it had time to come.
  bool unchanged_for_long(const std::string& name) const;

  const std::map<std::string, FoundFile>& files() const { return files_; }
  const std::set<std::string>& unfinished() const { return unfinished_; }
  const std::filesystem::path& folder() const { return folder_; }

 private:
  void hear_of_renames();
  bool settles(const std::string& name, const FoundFile& file) const;

  const std::filesystem::path folder_;
  const uint64_t settle_ns_;
  const base::Clock& clock_;
  int renames_ = -1;  // inotify, or -1
  std::set<std::string> renamed_in_;
  std::map<std::string, FoundFile> files_;
  std::set<std::string> unfinished_;
};

}  // namespace garita::broker
