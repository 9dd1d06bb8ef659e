#include "core/freshness/row_choice.hpp"

#include <cstring>

namespace garita::freshness {
namespace {

constexpr uint64_t one_in = 256;
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
  const bool may_begin = says_so(row);
  ++of_stretch_;
  if (of_stretch_ >= length_ && (may_begin || of_stretch_ - length_ >= most_between))
    of_stretch_ = 0, length_ = stretch_rows + 1;
  return of_stretch_ < length_;
}

bool RowChoice::says_so(base::Bytes row) {
  if (columns_ < 2) return false;
  uint64_t signs = 0;
  for (uint32_t i = 0; i < places; ++i) {
    const auto column = static_cast<uint32_t>(uint64_t{columns_ - 1} * (2 * i + 1) / (2 * places));
    const int across = sample(row, column) - sample(row, column + 1);
    signs |= uint64_t{above_[i] > across} << i;
    above_[i] = across;
  }
  return mixed(signs + 1) % one_in == 0;
}

int RowChoice::sample(base::Bytes row, uint32_t column) const {
  if (sample_bytes_ == 1) return static_cast<int>(row[column]);
  uint16_t value;
  std::memcpy(&value, row.data() + size_t{column} * sizeof value, sizeof value);
  return value;
}

}  // namespace garita::freshness
