// Eight samples at a time, in the words that every compiler and machine has; what else a machine has is not
// worth two ways of doing it here.
#pragma once

#include <cstdint>
#include <cstring>

namespace garita::freshness {

inline constexpr uint32_t lane_count = 8;
using Lanes = uint16_t __attribute__((vector_size(16)));
using SignedLanes = int16_t __attribute__((vector_size(16)));

inline Lanes load(const uint16_t* from) {
  Lanes lanes;
  std::memcpy(&lanes, from, sizeof lanes);
  return lanes;
}

// p(x) - p(x + 1), modulo 2^16.
inline Lanes across(const uint16_t* row) { return load(row) - load(row + 1); }

// |d|; of -32768 it stays that, and is never the largest.
inline SignedLanes size_of(SignedLanes d) {
  const SignedLanes sign = d >> 15;
  return (d ^ sign) - sign;
}

inline SignedLanes larger(SignedLanes a, SignedLanes b) { return a > b ? a : b; }

// 1 where it holds: a comparison gives all ones.
template <typename Mask>
Lanes one_where(Mask mask) {
  return Lanes{} - reinterpret_cast<Lanes>(mask);
}

// Bit i where lane i is above zero.
inline uint32_t bits_above_zero(SignedLanes lanes) {
  using Narrow = int8_t __attribute__((vector_size(8)));
  const Narrow narrow = __builtin_convertvector(lanes > SignedLanes{}, Narrow);
  uint64_t bytes;
  std::memcpy(&bytes, &narrow, sizeof bytes);
  return static_cast<uint32_t>((bytes & 0x0101010101010101) * 0x0102040810204080 >> 56);
}

inline uint32_t sum(Lanes lanes) {
  uint32_t all = 0;
  for (uint32_t i = 0; i < lane_count; ++i) all += lanes[i];
  return all;
}

}  // namespace garita::freshness
