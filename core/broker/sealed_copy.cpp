#include "core/broker/sealed_copy.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <vector>

#include "garita/status.h"

namespace garita::broker {
namespace {

constexpr size_t chunk_bytes = 1u << 20;

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(const Descriptor&) = delete;
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  int get() const { return fd_; }

 private:
  int fd_;
};

int64_t ns_of(const timespec& time) { return time.tv_sec * int64_t{1'000'000'000} + time.tv_nsec; }

bool identity_of(const struct stat& status, FileIdentity& identity) {
  if (!S_ISREG(status.st_mode)) return false;
  identity = {status.st_dev, status.st_ino, static_cast<uint64_t>(status.st_size), ns_of(status.st_mtim),
              ns_of(status.st_ctim)};
  return true;
}

int open_for_reading(const std::filesystem::path& path) {
  return ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
}

base::Error unreadable(const std::filesystem::path& path, int code) {
  return {base::Outcome::incomplete,
          "broker.object_unreadable",
          {{"file", path.filename().string()}, {"reason", std::generic_category().message(code)}},
          GARITA_HOST_FAILURE};
}

bool write_all(int fd, const std::byte* data, size_t size) {
  while (size > 0) {
    const ssize_t written = ::write(fd, data, size);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    data += written;
    size -= static_cast<size_t>(written);
  }
  return true;
}

}  // namespace

bool identify(int file, FileIdentity& identity) {
  struct stat status {};
  return ::fstat(file, &status) == 0 && identity_of(status, identity);
}

bool identify(const std::filesystem::path& path, FileIdentity& identity) {
  struct stat status {};
  return ::lstat(path.c_str(), &status) == 0 && identity_of(status, identity);
}

// A read lease is granted only where nobody has the file open for writing. It is given back at once; whoever opens the
// file in that instant waits for it, and the signal that tells of it is one that nobody minds.
bool is_closed(const std::filesystem::path& path) {
  const Descriptor file(open_for_reading(path));
  if (file.get() < 0) return true;
  (void)::fcntl(file.get(), F_SETSIG, SIGURG);
  if (::fcntl(file.get(), F_SETLEASE, F_RDLCK) != 0) return errno != EAGAIN;
  (void)::fcntl(file.get(), F_SETLEASE, F_UNLCK);
  return true;
}

base::Result<SealedCopy::Taken> SealedCopy::take(const std::filesystem::path& path, const FileIdentity& expected,
                                                 uint64_t max_bytes, const std::function<bool()>& stop) {
  const Descriptor file(open_for_reading(path));
  if (file.get() < 0 && (errno == ENOENT || errno == ELOOP)) return Taken{};
  if (file.get() < 0) return unreadable(path, errno);
  FileIdentity now;
  if (!identify(file.get(), now) || now != expected) return Taken{};
  if (now.size_bytes > max_bytes) return Taken{nullptr, true};

  const int memory = ::memfd_create("garita-object", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  if (memory < 0) return unreadable(path, errno);
  std::shared_ptr<SealedCopy> copy(new SealedCopy(memory));
  std::vector<std::byte> buffer(chunk_bytes);
  base::Sha256 hash;
  while (true) {
    if (stop && stop()) return Taken{};
    const ssize_t size = ::read(file.get(), buffer.data(), buffer.size());
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return unreadable(path, errno);
    if (size == 0) break;
    const auto part = std::span(buffer).first(static_cast<size_t>(size));
    if (copy->size_bytes_ + part.size() > expected.size_bytes) return Taken{};  // it grows
    if (!write_all(memory, part.data(), part.size())) return unreadable(path, errno);
    hash.update(part);
    copy->size_bytes_ += part.size();
  }
  if (!identify(file.get(), now) || now != expected || copy->size_bytes_ != expected.size_bytes) return Taken{};
  if (::fcntl(memory, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL) != 0)
    return unreadable(path, errno);
  copy->sha256_ = hash.finish();
  return Taken{std::move(copy)};
}

base::Result<SealedCopy::Maker> SealedCopy::Maker::create() {
  const int memory = ::memfd_create("garita-object", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  if (memory < 0) return unreadable("", errno);
  return Maker(std::shared_ptr<SealedCopy>(new SealedCopy(memory)));
}

base::Result<void> SealedCopy::Maker::append(std::span<const std::byte> piece) {
  if (!write_all(copy_->memory_, piece.data(), piece.size())) return unreadable("", errno);
  hash_.update(piece);
  copy_->size_bytes_ += piece.size();
  return {};
}

base::Result<std::shared_ptr<const SealedCopy>> SealedCopy::Maker::finish() {
  if (::fcntl(copy_->memory_, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL) != 0)
    return unreadable("", errno);
  copy_->sha256_ = hash_.finish();
  return std::shared_ptr<const SealedCopy>(std::move(copy_));
}

SealedCopy::~SealedCopy() { ::close(memory_); }

size_t SealedCopy::read_at(uint64_t offset, std::span<std::byte> out) const {
  size_t have = 0;
  while (have < out.size() && offset + have < size_bytes_) {
    const ssize_t size = ::pread(memory_, out.data() + have, out.size() - have, static_cast<off_t>(offset + have));
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0) break;
    have += static_cast<size_t>(size);
  }
  return have;
}

std::shared_ptr<const std::byte> SealedCopy::map() const {
  if (size_bytes_ == 0) return nullptr;
  void* data = ::mmap(nullptr, size_bytes_, PROT_READ, MAP_SHARED, memory_, 0);
  if (data == MAP_FAILED) return nullptr;
  return {static_cast<const std::byte*>(data),
          [size = size_bytes_](const std::byte* mapped) { ::munmap(const_cast<std::byte*>(mapped), size); }};
}

}  // namespace garita::broker
