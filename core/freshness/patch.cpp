#include "core/freshness/patch.hpp"

#include <algorithm>

#include "core/freshness/lanes.hpp"

namespace garita::freshness {

Patch::Patch(const Residuals& residuals, uint64_t y, uint32_t x) {
  const int center = residuals.at(y, x), size = center < 0 ? -center : center;
  const SignedLanes own = SignedLanes{} + static_cast<int16_t>(std::min(size, INT16_MAX));
  Lanes as_large{};
  for (int i = 0; i < patch_rows; ++i) {
    const uint64_t row = y - rows_aside + static_cast<uint64_t>(i);
    const uint16_t *const above = residuals.row(row) + x - columns_aside, *const below =
                                                                              above + residuals.stride();
    uint64_t bits = 0;
    for (uint32_t at = 0; at + 1 < patch_columns; at += lane_count) {
      const auto d = reinterpret_cast<SignedLanes>(across(above + at) - across(below + at));
      as_large += one_where(size_of(d) >= own);
      bits |= uint64_t{bits_above_zero(d)} << at;
    }
    const int last = residuals.at(row, x + columns_aside);
    as_large_ += (last < 0 ? -last : last) >= size;
    add_signs(bits | uint64_t{last > 0} << (patch_columns - 1), i * patch_columns);
  }
  as_large_ += sum(as_large);
}

void Patch::add_signs(uint64_t row, int bit) {
  signs_[bit / 64] |= row << bit % 64;
  if (bit % 64 + patch_columns > 64) signs_[bit / 64 + 1] |= row >> (64 - bit % 64);
}

namespace {

// All bits as many places lower.
std::array<uint64_t, 4> lowered(const std::array<uint64_t, 4>& signs, int places) {
  const int words = places / 64, bits = places % 64;
  std::array<uint64_t, 4> out{};
  for (int i = 0; i + words < 4; ++i) {
    out[i] = signs[i + words] >> bits;
    if (bits != 0 && i + words + 1 < 4) out[i] |= signs[i + words + 1] << (64 - bits);
  }
  return out;
}

int differing_in_first(const std::array<uint64_t, 4>& a, const std::array<uint64_t, 4>& b, int bits) {
  int sum = 0;
  for (int i = 0; i * 64 < bits; ++i) {
    const int left = bits - i * 64;
    const uint64_t wanted = left >= 64 ? ~uint64_t{0} : (uint64_t{1} << left) - 1;
    sum += ones((a[i] ^ b[i]) & wanted);
  }
  return sum;
}

}  // namespace

bool is_periodic(const std::array<uint64_t, 4>& signs) {
  for (int lag = 3; lag <= 7; ++lag) {
    const int bits = (patch_rows - lag) * patch_columns;
    const int same = bits - differing_in_first(signs, lowered(signs, lag * patch_columns), bits);
    if (same * 4 > bits * 3 || same * 4 < bits) return true;
  }
  return false;
}

}  // namespace garita::freshness
