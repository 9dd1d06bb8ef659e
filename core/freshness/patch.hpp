// The residuals around a place: whether it stands out of them, and their signs.
#pragma once

#include <array>
#include <cstdint>

#include "core/freshness/print.hpp"
#include "core/freshness/residuals.hpp"

namespace garita::freshness {

class Patch {
 public:
  static constexpr uint32_t rows_aside = patch_rows / 2, columns_aside = patch_columns / 2;

  // The slabs of all its rows are held, and its columns are there.
  Patch(const Residuals& residuals, uint64_t y, uint32_t x);

  // More than all around it: its place is then the same wherever tiles begin.
  bool stands_out() const { return as_large_ == 1; }

  // As a Mark has them.
  const std::array<uint64_t, 4>& signs() const { return signs_; }

 private:
  void add_signs(uint64_t row, int bit);

  uint32_t as_large_ = 0;  // residuals of its size or more, itself one of them
  std::array<uint64_t, 4> signs_{};
};

// Is a patch like itself a few rows further? Then it holds something periodic (mains, readout), which may
// come again in the same phase. The nearest rows are left out: blurred noise is like itself there.
bool is_periodic(const std::array<uint64_t, 4>& signs);

// How many bits are set. Without the instruction, which not every machine has, std::popcount is a call with a
// table.
inline int ones(uint64_t word) {
  word -= word >> 1 & 0x5555555555555555;
  word = (word & 0x3333333333333333) + (word >> 2 & 0x3333333333333333);
  return static_cast<int>(((word + (word >> 4)) & 0x0f0f0f0f0f0f0f0f) * 0x0101010101010101 >> 56);
}

}  // namespace garita::freshness
