#include "core/freshness/patch.hpp"

#include <cstring>

#include "core/freshness/lanes.hpp"

namespace garita::freshness {

Patch::Patch(const Residuals& residuals, uint64_t y, uint32_t x) {
  const uint32_t first = x - columns_aside;
  const int center = residuals.at(y, x);
  const Lanes own = Lanes{} + static_cast<uint16_t>(center < 0 ? -center : center);
  Lanes as_large{};
  for (uint64_t row = y - rows_aside, i = 0; i < patch_rows; ++row, ++i) {
    const uint16_t *const above = residuals.row(row) + first, *const below = above + residuals.stride();
    int16_t* const out = residuals_[i].data();
    for (uint32_t at = 0; at + 1 < patch_columns; at += lane_count) {
      const Lanes d = across(above + at) - across(below + at);
      as_large += one_where(size_of(d) >= own);
      std::memcpy(out + at, &d, sizeof d);
    }
    const int last = residuals.at(row, x + columns_aside);
    as_large_ += (last < 0 ? -last : last) >= own[0];
    out[patch_columns - 1] = static_cast<int16_t>(last);
  }
  as_large_ += sum(as_large);
}

std::array<uint64_t, 4> Patch::signs() const {
  std::array<uint64_t, 4> signs{};
  for (int row = 0; row < patch_rows; ++row) {
    uint64_t bits = 0;
    for (int column = 0; column < patch_columns; ++column)
      bits |= uint64_t{residuals_[row][column] > 0} << column;
    const int bit = row * patch_columns;
    signs[bit / 64] |= bits << bit % 64;
    if (bit % 64 + patch_columns > 64) signs[bit / 64 + 1] |= bits >> (64 - bit % 64);
  }
  return signs;
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
