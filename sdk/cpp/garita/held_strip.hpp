// Strip memory of the host, held by the driver until it is delivered.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "garita/host.hpp"

namespace garita {

// One owner; gives the memory back when it goes, unless it was delivered or the host took everything back
// meanwhile (CANCELLED, SCAN_END, close).
class HeldStrip {
 public:
  HeldStrip() = default;
  HeldStrip(Host& host, const garita_strip_memory& memory)
      : host_(&host), epoch_(host.strip_epoch()), memory_(memory) {}
  HeldStrip(HeldStrip&& other) noexcept
      : host_(std::exchange(other.host_, nullptr)), epoch_(other.epoch_), memory_(other.memory_) {}
  HeldStrip& operator=(HeldStrip&& other) noexcept {
    std::swap(host_, other.host_);
    std::swap(epoch_, other.epoch_);
    std::swap(memory_, other.memory_);
    return *this;
  }
  ~HeldStrip() {
    garita_error error = empty_error();
    if (held()) host_->try_call(&garita_host_api::strip_discard, error, memory_.handle);
  }

  bool held() const { return host_ != nullptr && host_->strip_epoch() == epoch_; }
  std::span<std::byte> bytes() const {
    return {static_cast<std::byte*>(memory_.data), memory_.capacity_bytes};
  }

  // The handle for an event; from now on the memory is the host's.
  uint64_t deliver() {
    host_ = nullptr;
    return memory_.handle;
  }

 private:
  Host* host_ = nullptr;
  uint32_t epoch_ = 0;
  garita_strip_memory memory_{};
};

// Takes `count` strips of at least `size_bytes` each, all or nothing. Unwinds with TIMEOUT while the pool is
// empty.
inline std::vector<HeldStrip> take_strips(Host& host, uint64_t size_bytes, uint32_t count,
                                          uint64_t deadline_ns) {
  std::vector<garita_strip_memory> memories(count);
  std::vector<HeldStrip> strips;
  strips.reserve(count);
  host.call(&garita_host_api::strip_alloc, size_bytes, count, deadline_ns, memories.data());
  for (const garita_strip_memory& memory : memories) strips.emplace_back(host, memory);
  for (const HeldStrip& strip : strips)
    if (strip.bytes().data() == nullptr || strip.bytes().size() < size_bytes)
      fail(GARITA_HOST_FAILURE,
           "the host gave a strip smaller than " + std::to_string(size_bytes) + " bytes");
  return strips;
}

}  // namespace garita
