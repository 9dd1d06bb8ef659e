// The FileSystem that is one: POSIX calls, each repeated when a signal interrupts it.
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <string>
#include <utility>

#include "core/base/file.hpp"
#include "core/base/file_error.hpp"

namespace garita::base {

Error file_error(int code, const std::filesystem::path& path) {
  const auto named = [&](const char* id) {
    return Error{Outcome::not_loaded, id, {{"path", path.string()}}, 0};
  };
  switch (code) {
    case ENOENT:
    case ENOTDIR:
      return named("base.file_missing");
    case EACCES:
    case EPERM:
    case EROFS:
      return named("base.file_denied");
    case EEXIST:
      return named("base.file_exists");
    case ENOSPC:
    case EDQUOT:
      return named("base.disk_full");
    default:
      break;
  }
  Error error = named("base.file_failed");
  const char* name = strerrorname_np(code);
  error.fields.push_back({"code", name ? name : std::to_string(code)});
  return error;
}

namespace {

constexpr size_t most_at_once_bytes = 1 << 30;  // Linux moves at most 2 GiB a call
constexpr uint64_t begin_writing_bytes = 1 << 20;

template <typename Call>
auto repeated(Call call) {
  auto result = call();
  while (result < 0 && errno == EINTR) result = call();
  return result;
}

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&&) = delete;
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  int get() const { return number_; }
  int release() { return std::exchange(number_, -1); }

 private:
  int number_;
};

class RealWritableFile final : public WritableFile {
 public:
  RealWritableFile(Descriptor file, std::filesystem::path path, uint64_t size_bytes)
      : file_(std::move(file)), path_(std::move(path)), size_bytes_(size_bytes), begun_bytes_(size_bytes) {}

  Result<void> append(Bytes bytes) override {
    std::span<const std::byte> rest = bytes;
    while (!rest.empty()) {
      const size_t part = std::min(rest.size(), most_at_once_bytes);
      const ssize_t written = repeated([&] { return ::write(file_.get(), rest.data(), part); });
      if (written < 0) return file_error(errno, path_);
      if (written == 0) return file_error(EIO, path_);
      size_bytes_ += static_cast<uint64_t>(written);
      rest = rest.subspan(static_cast<size_t>(written));
    }
    begin_writing();
    return {};
  }

  Result<void> sync() override {
    if (repeated([&] { return ::fsync(file_.get()); }) < 0) return file_error(errno, path_);
    return {};
  }

  Result<void> truncate(uint64_t size_bytes) override {
    if (repeated([&] { return ::ftruncate(file_.get(), static_cast<off_t>(size_bytes)); }) < 0) {
      return file_error(errno, path_);
    }
    size_bytes_ = size_bytes;
    begun_bytes_ = std::min(begun_bytes_, size_bytes);
    return {};
  }

  uint64_t size_bytes() const override { return size_bytes_; }

 private:
  // The disk begins while more is made, so that sync() has less to wait for. A wish: sync() is what counts.
  void begin_writing() {
    if (size_bytes_ - begun_bytes_ < begin_writing_bytes) return;
    (void)::sync_file_range(file_.get(), static_cast<off_t>(begun_bytes_),
                            static_cast<off_t>(size_bytes_ - begun_bytes_), SYNC_FILE_RANGE_WRITE);
    begun_bytes_ = size_bytes_;
  }

  Descriptor file_;
  std::filesystem::path path_;
  uint64_t size_bytes_, begun_bytes_;
};

class RealRandomAccessFile final : public RandomAccessFile {
 public:
  RealRandomAccessFile(Descriptor file, std::filesystem::path path)
      : file_(std::move(file)), path_(std::move(path)) {}

  Result<size_t> read_some(uint64_t offset, std::span<std::byte> out) const override {
    size_t done = 0;
    while (done < out.size()) {
      if (offset >= INT64_MAX - done) return done;  // beyond what a file can hold: its end
      const uint64_t room = INT64_MAX - done - offset;
      const size_t part = std::min({out.size() - done, most_at_once_bytes, room});
      const ssize_t got = repeated(
          [&] { return ::pread(file_.get(), out.data() + done, part, static_cast<off_t>(offset + done)); });
      if (got < 0) return file_error(errno, path_);
      if (got == 0) break;
      done += static_cast<size_t>(got);
    }
    return done;
  }

  Result<void> read(uint64_t offset, std::span<std::byte> out) const override {
    GARITA_TRY_ASSIGN(done, read_some(offset, out));
    if (done == out.size()) return {};
    return Error{Outcome::incomplete,
                 "base.file_short",
                 {{"path", path_.string()},
                  {"offset", std::to_string(offset)},
                  {"wanted", std::to_string(out.size())},
                  {"found", std::to_string(done)}},
                 0};
  }

  Result<uint64_t> size_bytes() const override {
    struct stat status {};
    if (::fstat(file_.get(), &status) < 0) return file_error(errno, path_);
    return static_cast<uint64_t>(status.st_size);
  }

 private:
  Descriptor file_;
  std::filesystem::path path_;
};

class RealFileSystem final : public FileSystem {
 public:
  Result<std::unique_ptr<WritableFile>> create(const Path& path, mode_t mode) override {
    return writable(path, O_CREAT | O_EXCL, mode);
  }

  Result<std::unique_ptr<WritableFile>> append_to(const Path& path, mode_t mode) override {
    return writable(path, O_CREAT, mode);
  }

  Result<std::unique_ptr<RandomAccessFile>> open(const Path& path) override {
    // Not blocking: else a FIFO of that name would hold us here until somebody writes into it.
    Descriptor file(repeated([&] { return ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK); }));
    if (file.get() < 0) return file_error(errno, path);
    GARITA_TRY(must_be_regular(file, path));
    return std::unique_ptr<RandomAccessFile>(std::make_unique<RealRandomAccessFile>(std::move(file), path));
  }

  Result<void> rename(const Path& from, const Path& to) override {
    if (::rename(from.c_str(), to.c_str()) < 0) return file_error(errno, to);
    return {};
  }

  Result<void> rename_new(const Path& from, const Path& to) override {
    if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0) return {};
    if (errno != EINVAL && errno != ENOSYS) return file_error(errno, to);
    // A file system that does not know it: a second name, then the first one away.
    if (::link(from.c_str(), to.c_str()) < 0) return file_error(errno, to);
    return remove(from);
  }

  Result<void> remove(const Path& path) override {
    if (::unlink(path.c_str()) < 0) return file_error(errno, path);
    return {};
  }

  Result<void> sync_folder(const Path& path) override {
    const Descriptor folder(
        repeated([&] { return ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC); }));
    if (folder.get() < 0) return file_error(errno, path);
    if (repeated([&] { return ::fsync(folder.get()); }) < 0 && errno != EINVAL)
      return file_error(errno, path);
    return {};
  }

  Result<void> create_folders(const Path& path, mode_t mode) override {
    if (path.has_parent_path() && path.parent_path() != path) {
      struct stat status {};
      if (::stat(path.parent_path().c_str(), &status) < 0)
        GARITA_TRY(create_folders(path.parent_path(), mode));
    }
    if (path.filename().empty() || ::mkdir(path.c_str(), mode) == 0) return {};
    const int code = errno;
    struct stat status {};
    if (code == EEXIST && ::stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode)) return {};
    return file_error(code, path);
  }

 private:
  static Result<void> must_be_regular(const Descriptor& file, const Path& path) {
    struct stat status {};
    if (::fstat(file.get(), &status) < 0) return file_error(errno, path);
    if (S_ISREG(status.st_mode)) return {};
    return Error{Outcome::not_loaded, "base.file_not_regular", {{"path", path.string()}}, 0};
  }

  static Result<std::unique_ptr<WritableFile>> writable(const Path& path, int flags, mode_t mode) {
    flags |= O_WRONLY | O_APPEND | O_CLOEXEC | O_NONBLOCK;
    Descriptor file(repeated([&] { return ::open(path.c_str(), flags, mode); }));
    if (file.get() < 0) return file_error(errno, path);
    GARITA_TRY(must_be_regular(file, path));
    struct stat status {};
    if (::fstat(file.get(), &status) < 0) return file_error(errno, path);
    return std::unique_ptr<WritableFile>(
        std::make_unique<RealWritableFile>(std::move(file), path, static_cast<uint64_t>(status.st_size)));
  }
};

}  // namespace

FileSystem& real_file_system() {
  static RealFileSystem files;
  return files;
}

FileLock::FileLock(FileLock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}

FileLock& FileLock::operator=(FileLock&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  return *this;
}

FileLock::~FileLock() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

namespace {

// False where the name was given to another file between opening and locking: a log that went on to its next
// segment.
bool is_still_at(int file, const std::filesystem::path& path) {
  struct stat own {
  }, there{};
  return ::fstat(file, &own) == 0 && ::stat(path.c_str(), &there) == 0 && own.st_dev == there.st_dev &&
         own.st_ino == there.st_ino;
}

}  // namespace

Result<FileLock> lock_file(const std::filesystem::path& path) {
  Descriptor file(
      repeated([&] { return ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NONBLOCK, 0600); }));
  if (file.get() < 0) return file_error(errno, path);
  const bool is_held = repeated([&] { return ::flock(file.get(), LOCK_EX | LOCK_NB); }) == 0;
  if (!is_held && errno != EWOULDBLOCK) return file_error(errno, path);
  if (!is_held || !is_still_at(file.get(), path))
    return Error{Outcome::not_loaded, "base.file_locked", {{"path", path.string()}}, 0};
  return FileLock(file.release());
}

}  // namespace garita::base
