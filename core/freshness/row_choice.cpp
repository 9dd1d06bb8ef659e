#include "core/freshness/row_choice.hpp"

#include <cstring>

namespace garita::freshness {
namespace {

// One row in so many says so: more often where most scans are, seldom where they become long. Whoever says so
// beyond says so before as well.
constexpr uint64_t early_rows = 2048, one_in = 128, one_in_late = 384;
// Where nothing says so for so long there is little noise to say it, and one begins all the same.
constexpr uint32_t most_between = 1024;

uint64_t mixed(uint64_t x) {
  x ^= x >> 33, x *= 0xff51afd7ed558ccd;
  x ^= x >> 33, x *= 0xc4ceb9fe1a85ec53;
  return x ^ x >> 33;
}

}  // namespace

RowChoice::RowChoice(uint32_t columns, uint32_t sample_bytes)
    : columns_(columns), sample_bytes_(sample_bytes) {}

bool RowChoice::add(base::Bytes row) {
  ++rows_;
  const bool may_begin = says_so(row);
  ++of_stretch_;
  if (of_stretch_ >= length_ && (may_begin || of_stretch_ - length_ >= most_between))
    of_stretch_ = 0, length_ = stretch_rows + 1;
  return of_stretch_ < length_;
}

// Three signs a place, two columns apart: neighbours share a pixel.
bool RowChoice::says_so(base::Bytes row) {
  if (columns_ <= lane_count) return false;
  uint64_t signs = 0;
  for (uint32_t i = 0; i < places; ++i) {
    const uint64_t column = uint64_t{columns_ - 1 - lane_count} * (2 * i + 1) / (2 * places);
    std::array<uint16_t, lane_count + 1> samples;
    if (sample_bytes_ == 2)
      std::memcpy(samples.data(), row.data() + column * sizeof(uint16_t), sizeof samples);
    else
      for (size_t k = 0; k < samples.size(); ++k) samples[k] = static_cast<uint8_t>(row[column + k]);
    const Lanes below = across(samples.data());
    signs = signs << 5 | (bits_above_zero(reinterpret_cast<SignedLanes>(above_[i] - below)) & 0x15);
    above_[i] = below;
  }
  return (mixed(signs + 1) >> 32) < (uint64_t{1} << 32) / (rows_ <= early_rows ? one_in : one_in_late);
}

}  // namespace garita::freshness
