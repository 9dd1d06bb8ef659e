// Random numbers that repeat: the same seed gives the same scan on every machine and in every build.
// (The distributions of <random> differ between standard libraries.)
#pragma once

#include <array>
#include <cstdint>

namespace garita::sim {

// xoshiro256++ (D. Blackman, S. Vigna, 2019), seeded through SplitMix64.
class Random {
 public:
  // Independent streams of one seed: of the device, of scan 0, of scan 1, …
  explicit Random(uint64_t seed, uint64_t stream = 0);

  uint64_t bits() {
    const uint64_t result = rotated(state_[0] + state_[3], 23) + state_[0];
    const uint64_t shifted = state_[1] << 17;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= shifted;
    state_[3] = rotated(state_[3], 45);
    return result;
  }

  double uniform() { return static_cast<double>(bits() >> 11) * 0x1p-53; }  // 0 … 1, 1 excluded
  double uniform(double lowest, double highest) { return lowest + (highest - lowest) * uniform(); }
  uint32_t below(uint32_t count) { return static_cast<uint32_t>((bits() >> 32) * count >> 32); }
  bool chance(double probability) { return uniform() < probability; }

  // Mean 0, variance 1, from 4096 equally likely quantiles: tails end at 3.7. Four come out of one draw of
  // bits.
  float normal() {
    if (left_ == 0) spare_ = bits(), left_ = 4;
    --left_;
    const float value = quantiles()[spare_ & 0xFFF];
    spare_ >>= 16;
    return value;
  }

  // Exact (by inversion) below a mean of 50, Gaussian above.
  double poisson(double mean);

 private:
  static uint64_t rotated(uint64_t value, int by) { return (value << by) | (value >> (64 - by)); }
  static const std::array<float, 4096>& quantiles();

  std::array<uint64_t, 4> state_;
  uint64_t spare_ = 0;
  int left_ = 0;
};

}  // namespace garita::sim
