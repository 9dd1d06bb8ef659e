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

// p(x) - p(x + 1)
inline Lanes across(const uint16_t* row) { return load(row) - load(row + 1); }

// |d| of d mod 2^16, from 0 to 32768.
inline Lanes size_of(Lanes d) {
  const SignedLanes sign = reinterpret_cast<SignedLanes>(d) >> 15;
  return (d ^ reinterpret_cast<Lanes>(sign)) - reinterpret_cast<Lanes>(sign);
}

inline Lanes larger(Lanes a, Lanes b) { return a > b ? a : b; }

// 1 where it holds: a comparison gives all ones.
template <typename Mask>
Lanes one_where(Mask mask) {
  return Lanes{} - reinterpret_cast<Lanes>(mask);
}

inline uint32_t sum(Lanes lanes) {
  uint32_t all = 0;
  for (uint32_t i = 0; i < lane_count; ++i) all += lanes[i];
  return all;
}

}  // namespace garita::freshness
