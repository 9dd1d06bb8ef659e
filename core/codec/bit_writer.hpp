// Bits, the lowest first, into bytes: how zstd lays Huffman codes.
#pragma once

#include <cstdint>
#include <cstring>

namespace garita::codec {

// Writes up to 8 bytes beyond what it has: they are overwritten by what
// follows.
class BitWriter {
 public:
  explicit BitWriter(uint8_t* to) : to_(to) {}

  // At most 57 bits between two calls of flush().
  void put(uint64_t bits, uint32_t count) {
    bits_ |= bits << filled_;
    filled_ += count;
  }
  void flush() {
    std::memcpy(to_, &bits_, sizeof bits_);
    to_ += filled_ / 8;
    bits_ >>= filled_ & ~7u;
    filled_ &= 7;
  }
  // A last bit marks the end. Returns the first byte behind.
  uint8_t* finish() {
    put(1, 1);
    flush();
    return to_ + (filled_ > 0 ? 1 : 0);
  }

 private:
  uint8_t* to_;
  uint64_t bits_ = 0;
  uint32_t filled_ = 0;
};

}  // namespace garita::codec
