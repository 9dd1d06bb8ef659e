#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "core/base/file_error.hpp"
#include "core/exchange/sealing/seal.hpp"

namespace garita::exchange {

base::Result<Plain> Plain::in_memory() {
  const int descriptor = memfd_create("garita-plain", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  if (descriptor < 0) return base::file_error(errno, "memory");
  return Plain(descriptor);
}

base::Result<Plain> Plain::in_folder(const std::filesystem::path& folder) {
  // O_EXCL: nobody can give it a name later.
  const int descriptor = open(folder.c_str(), O_TMPFILE | O_EXCL | O_RDWR | O_CLOEXEC, 0600);
  if (descriptor < 0) return base::file_error(errno, folder);
  return Plain(descriptor);
}

Plain::Plain(Plain&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)), size_bytes_(other.size_bytes_) {}

Plain& Plain::operator=(Plain&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  std::swap(size_bytes_, other.size_bytes_);
  return *this;
}

Plain::~Plain() {
  if (descriptor_ >= 0) close(descriptor_);
}

base::Result<void> Plain::append(base::Bytes bytes) {
  for (size_t at = 0; at < bytes.size();) {
    const ssize_t wrote =
        pwrite(descriptor_, bytes.data() + at, bytes.size() - at, static_cast<off_t>(size_bytes_));
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote <= 0) return base::file_error(wrote < 0 ? errno : EIO, path());
    at += static_cast<size_t>(wrote);
    size_bytes_ += static_cast<uint64_t>(wrote);
  }
  return {};
}

std::filesystem::path Plain::path() const { return "/proc/self/fd/" + std::to_string(descriptor_); }

}  // namespace garita::exchange
