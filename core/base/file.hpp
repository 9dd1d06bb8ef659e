// Files behind a small interface, so that a full disk or a torn write can be tested without one.
//
// Errors name the path: "base.file_missing", "base.file_denied", "base.file_exists", "base.disk_full",
// "base.file_short", "base.file_too_large", "base.file_locked", and "base.file_failed" with the system's code
// for all else.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/bytes.hpp"
#include "core/base/result.hpp"

namespace garita::base {

// An open file that grows at its end. One thread at a time. Closed by its destructor, which tells nobody of
// an error: call sync() before believing in the bytes.
class WritableFile {
 public:
  virtual ~WritableFile() = default;
  // All of it, or an error; after an error size_bytes() counts what did get into the file.
  virtual Result<void> append(Bytes bytes) = 0;
  virtual Result<void> sync() = 0;                         // on return the bytes survive a power cut
  virtual Result<void> truncate(uint64_t size_bytes) = 0;  // cuts the end off
  virtual uint64_t size_bytes() const = 0;
};

// An open file read at any place. Any thread.
class RandomAccessFile {
 public:
  virtual ~RandomAccessFile() = default;
  // Fills `out` from `offset`, or fails: "base.file_short" where the file ends earlier.
  virtual Result<void> read(uint64_t offset, std::span<std::byte> out) const = 0;
  // As much as is there, up to out.size(); 0 at and beyond the end.
  virtual Result<size_t> read_some(uint64_t offset, std::span<std::byte> out) const = 0;
  virtual Result<uint64_t> size_bytes() const = 0;  // asked anew each time: the file may grow
};

// Holds an flock until it is destroyed; the system lets go of it when the process dies.
class FileLock {
 public:
  FileLock() = default;
  explicit FileLock(int descriptor) : descriptor_(descriptor) {}
  FileLock(FileLock&& other) noexcept;
  FileLock& operator=(FileLock&& other) noexcept;
  ~FileLock();

 private:
  int descriptor_ = -1;
};

class FileSystem {
 public:
  using Path = std::filesystem::path;

  virtual ~FileSystem() = default;
  virtual Result<std::unique_ptr<WritableFile>> create(const Path& path,
                                                       mode_t mode) = 0;  // must not exist yet
  virtual Result<std::unique_ptr<WritableFile>> append_to(const Path& path,
                                                          mode_t mode) = 0;      // made where missing
  virtual Result<std::unique_ptr<RandomAccessFile>> open(const Path& path) = 0;  // a regular file
  virtual Result<void> rename(const Path& from, const Path& to) = 0;             // over an old one, at once
  virtual Result<void> rename_new(const Path& from, const Path& to) = 0;         // never over an old one
  virtual Result<void> remove(const Path& path) = 0;
  virtual Result<void> sync_folder(const Path& path) = 0;  // makes names in it survive a power cut
  virtual Result<void> create_folders(const Path& path,
                                      mode_t mode) = 0;  // and its parents; there already is right
};

FileSystem& real_file_system();

// Takes the one lock of `path` without waiting; makes the file (0600, empty) where missing.
// "base.file_locked" while another process, or another FileLock of this one, holds it, or the name goes to
// another file just then.
Result<FileLock> lock_file(const std::filesystem::path& path);

// The whole of a regular file; "base.file_too_large" rather than more than max_bytes of memory.
Result<std::vector<std::byte>> read_file(const std::filesystem::path& path, uint64_t max_bytes,
                                         FileSystem& files = real_file_system());
Result<std::string> read_text_file(const std::filesystem::path& path, uint64_t max_bytes,
                                   FileSystem& files = real_file_system());

// A file that appears under its name whole or not at all: written as ".NAME.XXXXXXXX.part" beside it, synced,
// renamed, folder synced. Destroyed without commit(), it leaves nothing. One thread at a time; does not
// outlive its FileSystem.
class AtomicFile {
 public:
  static Result<AtomicFile> create(const std::filesystem::path& path, mode_t mode = 0644,
                                   FileSystem& files = real_file_system());
  AtomicFile(AtomicFile&&) noexcept = default;
  AtomicFile& operator=(AtomicFile&& other) noexcept;
  ~AtomicFile();

  Result<void> append(Bytes bytes) { return file_->append(bytes); }
  Result<void> sync() { return file_->sync(); }
  uint64_t size_bytes() const { return file_->size_bytes(); }
  const std::filesystem::path& path() const { return path_; }  // the name it will have
  const std::filesystem::path& temporary_path() const {
    return temporary_path_;
  }  // the name it has; "" after commit

  // After an error the old file under the name, if any, is still whole, and so is what was written (see
  // keep()).
  Result<void> commit();
  // The same, but "base.file_exists" rather than in the place of an old file.
  Result<void> commit_new();
  // Gives up the name but keeps what was written, under temporary_path(): evidence of a cut scan.
  void keep() { kept_ = true; }

 private:
  AtomicFile(FileSystem& files, std::filesystem::path path, std::filesystem::path temporary_path,
             std::unique_ptr<WritableFile> file)
      : files_(&files),
        path_(std::move(path)),
        temporary_path_(std::move(temporary_path)),
        file_(std::move(file)) {}
  Result<void> commit_by(Result<void> (FileSystem::*rename)(const FileSystem::Path&,
                                                            const FileSystem::Path&));
  void abandon() noexcept;

  FileSystem* files_;
  std::filesystem::path path_;
  std::filesystem::path temporary_path_;
  std::unique_ptr<WritableFile> file_;
  bool kept_ = false;
};

// In one go: AtomicFile, append, commit.
Result<void> write_file(const std::filesystem::path& path, Bytes bytes, mode_t mode = 0644,
                        FileSystem& files = real_file_system());

}  // namespace garita::base
