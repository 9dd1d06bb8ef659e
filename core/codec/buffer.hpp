// Bytes that grow without being cleared first and keep their memory.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <memory>

#include "core/base/bytes.hpp"

namespace garita::codec {

class Buffer {
 public:
  // Place for `more` bytes behind those that are there; grow() says how many came.
  uint8_t* room(size_t more) {
    if (size_ + more > capacity_) {
      const size_t wanted = std::max(size_ + more, 2 * capacity_);
      std::unique_ptr<uint8_t[]> moved(new uint8_t[wanted]);
      if (size_ > 0) std::memcpy(moved.get(), bytes_.get(), size_);
      bytes_ = std::move(moved);
      capacity_ = wanted;
    }
    return bytes_.get() + size_;
  }
  void grow(size_t by) { size_ += by; }
  void shrink(size_t to) { size_ = to; }
  void clear() { size_ = 0; }
  size_t size() const { return size_; }
  base::Bytes bytes() const { return base::Bytes(bytes_.get(), size_); }
  uint8_t* data() { return bytes_.get(); }

  template <typename T>
  void put(T value) {
    uint8_t* at = room(sizeof(T));
    for (size_t i = 0; i < sizeof(T); ++i)
      at[i] = static_cast<uint8_t>(static_cast<uint64_t>(value) >> (8 * i));
    grow(sizeof(T));
  }

 private:
  std::unique_ptr<uint8_t[]> bytes_;
  size_t size_ = 0, capacity_ = 0;
};

}  // namespace garita::codec
