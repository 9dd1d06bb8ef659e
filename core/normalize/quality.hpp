// The measured quality of a canonical plane, from one pass over rows, in fixed memory.
//
// Blocks of 16 neighbouring columns (one in four, another quarter each row) give a mean and a variance.
// Blocks with a dead pixel are left out. The open field is the highest peak of the block means at t ≥ 0.75
// (bins of 0.0045, joined with its two neighbours) that holds at least 1 % of all blocks and 32 blocks. Its
// level is the mean of these blocks; its noise comes from the median of their variances, corrected for the
// median of chi-square with 15 degrees of freedom, so that edges of objects do not count. Slow changes of the
// field are no noise by this measure, pixel-to-pixel ones are.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "core/normalize/canonical.hpp"

namespace garita::normalize {

struct Quality {
  bool measured = false;        // canonical planes only
  bool open_field = false;      // false: no open beam was seen, and the next four mean nothing
  double open_field_level = 0;  // t; 1 where calibration and dose are right
  double open_field_noise = 0;  // standard deviation of a pixel, in t
  double snr = 0;               // level / noise; 0 where noise is 0
  double open_field_share = 0;  // of the blocks that were measured, 0 … 1
};

class QualityMeter {
 public:
  explicit QualityMeter(uint32_t columns) : columns_(columns) {}

  // One canonical row. usable_blocks: flag for each whole block of 16 columns; empty: all of them.
  void add(std::span<const uint16_t> row, std::span<const uint8_t> usable_blocks);

  Quality result() const;

  static constexpr uint32_t block_columns = 16;

 private:
  void add_block(std::span<const uint16_t, block_columns> values);

  static constexpr uint32_t first_value = 44032;  // t = 0.75
  static constexpr uint32_t mean_shift = 8;       // bins of 256
  static constexpr uint32_t mean_bins = ((65536 - first_value) >> mean_shift) + 1;
  static constexpr uint32_t variance_bins =
      320;  // eighths of octaves of 240 · variance, up to the largest there is

  struct Bins {
    std::array<uint64_t, mean_bins> blocks{};
    std::array<uint64_t, mean_bins> sums{};
    std::array<std::array<uint32_t, variance_bins>, mean_bins> variances{};
  };

  uint32_t columns_;
  uint64_t rows_ = 0;
  uint64_t blocks_ = 0;
  std::unique_ptr<Bins> bins_;  // from the first block in the open field's range
};

}  // namespace garita::normalize
