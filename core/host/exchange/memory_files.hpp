// A file system whose new files lie in memory and nowhere else; files that it has not are those of the disk,
// read only. For copies that nobody but their recipient may read.
#pragma once

#include <map>

#include "core/base/file.hpp"
#include "core/exchange/sealing/seal.hpp"

namespace garita::host {

// One thread at a time; outlives what it opened.
class MemoryFiles final : public base::FileSystem {
 public:
  // "exchange.parcel_large" beyond so many bytes in all.
  explicit MemoryFiles(uint64_t max_bytes) : left_bytes_(max_bytes) {}

  base::Result<std::unique_ptr<base::WritableFile>> create(const Path& path, mode_t mode) override;
  base::Result<std::unique_ptr<base::WritableFile>> append_to(const Path& path, mode_t mode) override;
  base::Result<std::unique_ptr<base::RandomAccessFile>> open(const Path& path) override;
  base::Result<void> rename(const Path& from, const Path& to) override;
  base::Result<void> rename_new(const Path& from, const Path& to) override { return rename(from, to); }
  base::Result<void> remove(const Path& path) override;
  base::Result<void> sync_folder(const Path&) override { return {}; }
  base::Result<void> create_folders(const Path&, mode_t) override { return {}; }

 private:
  std::map<Path, std::shared_ptr<exchange::Plain>> files_;
  uint64_t left_bytes_;
};

// What a descriptor has, read at any place. The descriptor outlives it.
std::unique_ptr<base::RandomAccessFile> open_descriptor(int descriptor, uint64_t size_bytes);

}  // namespace garita::host
