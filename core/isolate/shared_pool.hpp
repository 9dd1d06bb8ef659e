// Strip memory that host and worker have both mapped: slices of one memory file of fixed size, sealed against shrinking and
// growing. The book of who has which slice is the host's alone. A pool belongs to one session, so no driver ever sees
// another device's pixels. Pages come with their first use; low slices are used first, so that hot ones are used again.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

#include "core/isolate/wire/region.hpp"
#include "core/load/services.hpp"

namespace garita::isolate {

class SharedPool : public std::enable_shared_from_this<SharedPool> {
 public:
  struct Slice {
    uint64_t offset = 0;
    load::StripMemory strip;  // goes back to the pool with its last copy
  };

  // nullptr: the system gives no memory file.
  static std::shared_ptr<SharedPool> create(uint64_t total_bytes);

  // All or nothing. Waits while there is no room, until deadline_ns (CLOCK_MONOTONIC) or cancel.
  // Returns OK, TIMEOUT, CANCELLED, HOST_LIMIT (more than the pool will ever have).
  load::Answer alloc(uint64_t size_bytes, uint32_t count, uint64_t deadline_ns, std::vector<Slice>& out);

  void raise_cancel();  // any thread
  void lower_cancel();
  void trim();  // gives the pages that nobody has back to the system

  int fd() const { return memory_.get(); }
  void close_fd() { memory_ = Descriptor(); }  // when the worker has it: strips that outlive the session cost no descriptor
  uint64_t total_bytes() const { return mapping_.size(); }

 private:
  SharedPool(Descriptor memory, Mapping mapping);
  bool take(uint64_t size_bytes, uint32_t count, std::vector<uint64_t>& offsets);
  void put_back(uint64_t offset, uint64_t size_bytes);
  void give_back(uint64_t offset, uint64_t size_bytes);

  Descriptor memory_;
  const Mapping mapping_;
  std::mutex mutex_;
  std::condition_variable returned_;
  std::map<uint64_t, uint64_t> free_;  // offset -> size, never two that touch
  bool cancelled_ = false;
};

}  // namespace garita::isolate
