// A hash several times as fast as the tiles of a plane are coded. It finds planes that are equal; it proves
// nothing to anybody, which is what the package's SHA-256 are for.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>

#include "core/base/bytes.hpp"

namespace garita::freshness {

class PlaneHash {
 public:
  // Four lanes of 16 bytes, each folded by a product of 64 by 64 bits; what a row has beyond whole steps is
  // padded with zeros.
  void add(base::Bytes row) {
    std::array<uint64_t, 4> lanes = lanes_;
    size_t at = 0;
    for (; at + step <= row.size(); at += step) fold(lanes, row.data() + at);
    if (at < row.size()) {
      std::array<std::byte, step> rest{};
      std::memcpy(rest.data(), row.data() + at, row.size() - at);
      fold(lanes, rest.data());
    }
    lanes_ = lanes;
    size_bytes_ += row.size();
  }

  std::array<uint64_t, 2> result() const {
    const uint64_t a = product(lanes_[0] ^ size_bytes_, lanes_[1] ^ keys[4]);
    const uint64_t b = product(lanes_[2] ^ keys[5], lanes_[3] ^ size_bytes_);
    return {product(a ^ keys[0], b ^ keys[1]), product(a ^ keys[2], b ^ keys[3])};
  }

 private:
  static constexpr size_t step = 64;
  static constexpr std::array<uint64_t, 6> keys = {0x9e3779b97f4a7c15, 0xbf58476d1ce4e5b9,
                                                   0x94d049bb133111eb, 0xd6e8feb86659fd93,
                                                   0xa0761d6478bd642f, 0xe7037ed1a0b428db};

  static uint64_t product(uint64_t a, uint64_t b) {
    __extension__ using Wide = unsigned __int128;
    const Wide both = static_cast<Wide>(a) * b;
    return static_cast<uint64_t>(both) ^ static_cast<uint64_t>(both >> 64);
  }

  // Written out, for then the lanes stay in registers and none waits for another.
  static void fold(std::array<uint64_t, 4>& lanes, const std::byte* from) {
    lanes[0] = product(word(from, 0) ^ keys[0], word(from, 1) ^ lanes[0]);
    lanes[1] = product(word(from, 2) ^ keys[1], word(from, 3) ^ lanes[1]);
    lanes[2] = product(word(from, 4) ^ keys[2], word(from, 5) ^ lanes[2]);
    lanes[3] = product(word(from, 6) ^ keys[3], word(from, 7) ^ lanes[3]);
  }

  static uint64_t word(const std::byte* from, size_t index) {
    uint64_t value;
    std::memcpy(&value, from + index * sizeof value, sizeof value);
    return value;
  }

  std::array<uint64_t, 4> lanes_ = {keys[5], keys[4], keys[3], keys[2]};
  uint64_t size_bytes_ = 0;
};

}  // namespace garita::freshness
