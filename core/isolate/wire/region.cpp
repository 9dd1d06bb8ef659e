#include "core/isolate/wire/region.hpp"

#include <fcntl.h>
#include <linux/futex.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <thread>
#include <utility>

#include "core/base/weaken.hpp"

namespace garita::isolate {
namespace {

constexpr int first_looks =
    160;  // without asking the clock: an answer of another core comes in under a microsecond
constexpr uint32_t misses_to_sleep = 3;  // then looking is left out …
constexpr uint32_t try_again = 32;       // … but now and then
constexpr uint64_t short_wait_ns = 60'000;

void relax() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#endif
}

}  // namespace

std::optional<Mapping> Mapping::of(int fd, uint64_t size_bytes) {
  void* data = mmap(nullptr, size_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (data == MAP_FAILED) return std::nullopt;
  madvise(data, size_bytes, MADV_DONTDUMP);
  Mapping mapping;
  mapping.data_ = static_cast<std::byte*>(data);
  mapping.size_ = size_bytes;
  return mapping;
}

Mapping::Mapping(Mapping&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}

Mapping& Mapping::operator=(Mapping&& other) noexcept {
  std::swap(data_, other.data_);
  std::swap(size_, other.size_);
  return *this;
}

Mapping::~Mapping() {
  if (data_) munmap(data_, size_);
}

Descriptor& Descriptor::operator=(Descriptor&& other) noexcept {
  std::swap(fd_, other.fd_);
  return *this;
}

Descriptor::~Descriptor() {
  if (fd_ >= 0) close(fd_);
}

int Descriptor::release() { return std::exchange(fd_, -1); }

Descriptor sealed_memory(const char* name, uint64_t size_bytes) {
  Descriptor memory(memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!memory || ftruncate(memory.get(), static_cast<off_t>(size_bytes)) != 0 ||
      fcntl(memory.get(), F_ADD_SEALS,
            base::weakened("strip_seals") ? F_SEAL_SEAL : F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) != 0)
    return Descriptor();
  return memory;
}

uint64_t monotonic_ns() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<uint64_t>(now.tv_sec) * 1'000'000'000 + static_cast<uint64_t>(now.tv_nsec);
}

void futex_wait(std::atomic<uint32_t>& word, uint32_t seen, uint64_t for_ns) {
  timespec timeout{static_cast<time_t>(for_ns / 1'000'000'000), static_cast<long>(for_ns % 1'000'000'000)};
  syscall(SYS_futex, &word, FUTEX_WAIT, seen, for_ns == UINT64_MAX ? nullptr : &timeout, nullptr, 0);
}

void futex_wake(std::atomic<uint32_t>& word) {
  syscall(SYS_futex, &word, FUTEX_WAKE, INT32_MAX, nullptr, nullptr, 0);
}

void post(Mailbox& box, uint32_t sequence, uint32_t kind, uint32_t size_bytes) {
  box.kind.store(kind, std::memory_order_relaxed);
  box.size.store(size_bytes, std::memory_order_relaxed);
  // Sequence and sleeping are a pair: a reader says that it sleeps and looks again, a writer counts and looks
  // whether the reader sleeps. Both orders must be total, or both may look too early.
  box.sequence.store(sequence, std::memory_order_seq_cst);
  if (box.sleeping.load(std::memory_order_seq_cst) != 0) futex_wake(box.sequence);
}

Waiter::Waiter(uint32_t spin_us)
    : spin_ns_(std::thread::hardware_concurrency() > 1 ? std::min<uint64_t>(spin_us, 1000) * 1000 : 0) {}

bool Waiter::spin(Mailbox& box, uint32_t seen) const {
  for (int look = 0; look < first_looks; ++look) {
    if (box.sequence.load(std::memory_order_acquire) != seen) return true;
    if (look % 4 == 3) relax();
  }
  for (const uint64_t start = monotonic_ns(); monotonic_ns() - start < spin_ns_;) {
    for (int look = 0; look < 16; ++look) {
      if (box.sequence.load(std::memory_order_acquire) != seen) return true;
      relax();
    }
  }
  return false;
}

bool Waiter::wait(Mailbox& box, uint32_t seen, uint64_t for_ns) {
  if (box.sequence.load(std::memory_order_acquire) != seen) return true;
  const bool looking = spin_ns_ != 0 && (misses_ < misses_to_sleep || misses_ % try_again == 0);
  if (looking && spin(box, seen)) {
    misses_ = 0;
    return true;
  }
  ++misses_;
  const uint64_t start = monotonic_ns();
  box.sleeping.store(1, std::memory_order_seq_cst);
  bool there = box.sequence.load(std::memory_order_seq_cst) != seen;
  if (!there) futex_wait(box.sequence, seen, for_ns);
  box.sleeping.store(0, std::memory_order_relaxed);
  there = box.sequence.load(std::memory_order_acquire) != seen;
  if (there && monotonic_ns() - start < short_wait_ns) misses_ = 0;
  return there;
}

}  // namespace garita::isolate
