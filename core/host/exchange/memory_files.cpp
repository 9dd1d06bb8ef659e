#include "core/host/exchange/memory_files.hpp"

#include <unistd.h>

#include <cerrno>

#include "core/base/file_error.hpp"

namespace garita::host {
namespace {

using exchange::Plain;

class Writable final : public base::WritableFile {
 public:
  Writable(std::shared_ptr<Plain> plain, uint64_t& left_bytes)
      : plain_(std::move(plain)), left_bytes_(left_bytes) {}
  base::Result<void> append(base::Bytes bytes) override {
    if (bytes.size() > left_bytes_) return base::Error{base::Outcome::no, "exchange.parcel_large", {}, 0};
    left_bytes_ -= bytes.size();
    return plain_->append(bytes);
  }
  base::Result<void> sync() override { return {}; }
  base::Result<void> truncate(uint64_t) override { return base::file_error(EROFS, plain_->path()); }
  uint64_t size_bytes() const override { return plain_->size_bytes(); }

 private:
  std::shared_ptr<Plain> plain_;
  uint64_t& left_bytes_;
};

class Readable final : public base::RandomAccessFile {
 public:
  Readable(int descriptor, uint64_t size_bytes, std::shared_ptr<Plain> keep = {})
      : descriptor_(descriptor), size_bytes_(size_bytes), keep_(std::move(keep)) {}
  base::Result<void> read(uint64_t offset, std::span<std::byte> out) const override {
    GARITA_TRY_ASSIGN(got, read_some(offset, out));
    if (got == out.size()) return {};
    return base::Error{base::Outcome::not_loaded, "base.file_short", {{"path", "memory"}}, 0};
  }
  base::Result<size_t> read_some(uint64_t offset, std::span<std::byte> out) const override {
    size_t done = 0;
    while (done < out.size()) {
      const ssize_t got =
          pread(descriptor_, out.data() + done, out.size() - done, static_cast<off_t>(offset + done));
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return base::file_error(errno, "memory");
      if (got == 0) break;
      done += static_cast<size_t>(got);
    }
    return done;
  }
  base::Result<uint64_t> size_bytes() const override { return size_bytes_; }

 private:
  int descriptor_;
  uint64_t size_bytes_;
  std::shared_ptr<Plain> keep_;
};

}  // namespace

std::unique_ptr<base::RandomAccessFile> open_descriptor(int descriptor, uint64_t size_bytes) {
  return std::make_unique<Readable>(descriptor, size_bytes);
}

base::Result<std::unique_ptr<base::WritableFile>> MemoryFiles::create(const Path& path, mode_t) {
  GARITA_TRY_ASSIGN(plain, Plain::in_memory());
  const auto [at, added] = files_.emplace(path, std::make_shared<Plain>(std::move(plain)));
  if (!added) return base::file_error(EEXIST, path);
  return std::unique_ptr<base::WritableFile>(std::make_unique<Writable>(at->second, left_bytes_));
}

base::Result<std::unique_ptr<base::WritableFile>> MemoryFiles::append_to(const Path& path, mode_t) {
  return base::file_error(EROFS, path);
}

base::Result<std::unique_ptr<base::RandomAccessFile>> MemoryFiles::open(const Path& path) {
  const auto found = files_.find(path);
  if (found == files_.end()) return base::real_file_system().open(path);
  const auto& plain = found->second;
  return std::unique_ptr<base::RandomAccessFile>(
      std::make_unique<Readable>(plain->descriptor(), plain->size_bytes(), plain));
}

base::Result<void> MemoryFiles::rename(const Path& from, const Path& to) {
  const auto found = files_.find(from);
  if (found == files_.end()) return base::file_error(ENOENT, from);
  files_[to] = std::move(found->second);
  files_.erase(found);
  return {};
}

base::Result<void> MemoryFiles::remove(const Path& path) {
  files_.erase(path);
  return {};
}

}  // namespace garita::host
