// The memory that host and worker share for talking: a memory file of fixed size, sealed against shrinking
// and growing, so that neither end can make the other fault.
//
//        0  Header     magic, version, spin_us, flags               written once, by the host
//       64  Cancel     u32 requested, u32 done                      counters; requested wakes the worker's
//       cancel thread
//      128  LogRing    u32 head (worker), u32 tail (host), u32 lost
//      192  u32 phase  what the worker is doing; a hint for sentences about its death
//      200  u64 now_ns (host) of a replay's clock; 0: the time is the machine's
//     4096  log_bytes  records: u32 size, u32 level, text; wrapping, multiples of 4
//    +64Ki  Mailbox    to the worker: u32 sequence, u32 sleeping, u32 kind, u32 size, then the payload,
//    area_bytes
//           Mailbox    to the host, likewise
//    the end Trace      what a dying worker leaves (trace.hpp)
//
// A mailbox's sequence counts its messages; its reader sleeps on it as on a futex. A payload begins in the
// same cache line, so that a small message costs one line from core to core and not two. All of it may be
// scribbled on by the other end: the host keeps its own counters, clamps sizes and copies a payload before it
// looks at it.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "core/base/result.hpp"
#include "core/isolate/wire/trace.hpp"

namespace garita::isolate {

inline constexpr uint32_t region_magic = 0x4C4F5347;
inline constexpr uint32_t region_version = 2;
inline constexpr uint32_t log_bytes = 64u << 10;
inline constexpr uint32_t area_bytes =
    (1u << 20) + (256u << 10);  // an event is at most 1 MiB; the rest is its frame

struct alignas(64) Header {
  uint32_t magic, version, spin_us, flags;
};
inline constexpr uint32_t flag_debugged = 1;  // a person with a debugger: any process may look into this one
struct alignas(64) Cancel {
  std::atomic<uint32_t> requested, done;
};
struct Mailbox {
  std::atomic<uint32_t> sequence, sleeping, kind, size;
};
struct alignas(64) LogRing {
  std::atomic<uint32_t> head, tail, lost;
};
struct alignas(64) Control {
  Header header;
  Cancel cancel;
  LogRing log;
  alignas(64) std::atomic<uint32_t> phase;
  std::atomic<uint64_t> virtual_now_ns;  // written by the host before each message
};
static_assert(sizeof(Control) == 256 && sizeof(Mailbox) == 16 && std::atomic<uint32_t>::is_always_lock_free);

enum class Phase : uint32_t { starting, constructors, entry, idle, in_call };

// A mapping that is given back at the end.
class Mapping {
 public:
  Mapping() = default;
  static std::optional<Mapping> of(int fd, uint64_t size_bytes);
  Mapping(Mapping&& other) noexcept;
  Mapping& operator=(Mapping&& other) noexcept;
  ~Mapping();

  std::byte* data() const { return data_; }
  uint64_t size() const { return size_; }

 private:
  std::byte* data_ = nullptr;
  uint64_t size_ = 0;
};

// A file descriptor that is closed at the end.
class Descriptor {
 public:
  explicit Descriptor(int fd = -1) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(other.release()) {}
  Descriptor& operator=(Descriptor&& other) noexcept;
  ~Descriptor();

  int get() const { return fd_; }
  int release();
  explicit operator bool() const { return fd_ >= 0; }

 private:
  int fd_;
};

// A memory file of a fixed size that stays zero until it is touched. -1: no memory, or the system refuses.
Descriptor sealed_memory(const char* name, uint64_t size_bytes);

class Region {
 public:
  static constexpr uint64_t box_bytes = area_bytes + 4096;
  static constexpr uint64_t size_bytes = 4096 + log_bytes + 2ull * box_bytes + trace_bytes;

  explicit Region(Mapping mapping) : mapping_(std::move(mapping)) {}
  Control& control() const { return *reinterpret_cast<Control*>(mapping_.data()); }
  std::byte* log() const { return mapping_.data() + 4096; }
  Mailbox& worker_box() const { return *reinterpret_cast<Mailbox*>(log() + log_bytes); }
  Mailbox& host_box() const { return *reinterpret_cast<Mailbox*>(log() + log_bytes + box_bytes); }
  std::span<std::byte> to_worker() const { return {log() + log_bytes + sizeof(Mailbox), area_bytes}; }
  std::span<std::byte> to_host() const {
    return {log() + log_bytes + box_bytes + sizeof(Mailbox), area_bytes};
  }
  Trace& trace() const { return *reinterpret_cast<Trace*>(mapping_.data() + size_bytes - trace_bytes); }

 private:
  Mapping mapping_;
};

// CLOCK_MONOTONIC, the same in host and worker.
uint64_t monotonic_ns();

// Puts message number `sequence` into a mailbox and wakes its reader.
void post(Mailbox& box, uint32_t sequence, uint32_t kind, uint32_t size_bytes);

// Sleeps while the word is `seen`, until another end wakes, or for up to_ns; may return early.
void futex_wait(std::atomic<uint32_t>& word, uint32_t seen, uint64_t for_ns);
void futex_wake(std::atomic<uint32_t>& word);

// Waits for messages of one mailbox: looks for a while, then sleeps; looks less where looking did not pay.
// One thread.
class Waiter {
 public:
  explicit Waiter(uint32_t spin_us);
  // True: there is a message behind `seen`. False: nothing for about `for_ns` (UINT64_MAX: for ever).
  bool wait(Mailbox& box, uint32_t seen, uint64_t for_ns);

 private:
  bool spin(Mailbox& box, uint32_t seen) const;

  uint64_t spin_ns_;
  uint32_t misses_ = 0;  // waits in a row that looking did not shorten
};

}  // namespace garita::isolate
