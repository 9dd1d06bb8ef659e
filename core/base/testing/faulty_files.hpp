// FaultyFileSystem: a real file system on which the n-th call goes wrong. For tests of whoever writes or
// reads files.
#pragma once

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

#include "core/base/file.hpp"

namespace garita::base::testing {

enum class FileCall : uint8_t {
  create,
  append,
  sync,
  truncate,
  open,
  read,
  rename,
  remove,
  sync_folder,
  create_folders
};

// Which call fails, and how.
struct FileFault {
  FileCall call = FileCall::append;
  uint64_t at = 1;           // the n-th such call, from 1
  int code = ENOSPC;         // errno of the failure
  bool for_good = false;     // and every such call after it
  size_t partial_bytes = 0;  // of an append that fails: so many bytes get into the file before
};

class FaultyFileSystem final : public FileSystem {
 public:
  explicit FaultyFileSystem(FileSystem& files = real_file_system()) : files_(files) {}

  void fail(const FileFault& fault) { fault_ = fault, counts_ = {}; }
  void heal() { fault_.reset(); }
  uint64_t calls(FileCall call) const { return counts_[static_cast<size_t>(call)]; }

  Result<std::unique_ptr<WritableFile>> create(const Path& path, mode_t mode) override;
  Result<std::unique_ptr<WritableFile>> append_to(const Path& path, mode_t mode) override;
  Result<std::unique_ptr<RandomAccessFile>> open(const Path& path) override;
  Result<void> rename(const Path& from, const Path& to) override;
  Result<void> rename_new(const Path& from, const Path& to) override;
  Result<void> remove(const Path& path) override;
  Result<void> sync_folder(const Path& path) override;
  Result<void> create_folders(const Path& path, mode_t mode) override;

  // For the files that it hands out: the fault, if this call is the one.
  std::optional<FileFault> next(FileCall call);

 private:
  FileSystem& files_;
  std::optional<FileFault> fault_;
  std::array<uint64_t, 10> counts_{};
};

}  // namespace garita::base::testing
