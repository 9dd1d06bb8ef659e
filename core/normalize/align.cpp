#include "core/normalize/align.hpp"

#include <algorithm>
#include <utility>

#include "core/normalize/canonical.hpp"

namespace garita::normalize {

RowShift row_shift(int64_t row_offset_um, uint32_t pitch_along_um, bool rear_first) {
  // What lies further away than the channels of a view may run apart is a driver's mistake, not an offset.
  constexpr int64_t farthest_rows = 1024;
  if (pitch_along_um == 0) return {};
  const int64_t pitch = pitch_along_um;
  if (row_offset_um > farthest_rows * pitch || row_offset_um < -farthest_rows * pitch) return {};
  const int64_t shift_um = rear_first ? row_offset_um : -row_offset_um;
  int64_t rows = shift_um / pitch, part = shift_um % pitch;
  if (part < 0) part += pitch, --rows;
  return {rows, static_cast<uint32_t>(part), pitch_along_um};
}

void interpolate(std::span<const uint16_t> before, std::span<const uint16_t> after, const RowShift& shift,
                 std::span<uint16_t> out) {
  const uint64_t whole = shift.whole, part = shift.part;
  for (size_t column = 0; column < out.size(); ++column) {
    const uint64_t sum = (whole - part) * before[column] + part * after[column];
    const uint64_t floor = sum / whole, rest = sum % whole;
    const bool up = 2 * rest > whole || (2 * rest == whole && floor % 2 == 1);
    out[column] = static_cast<uint16_t>(floor + (up ? 1 : 0));
  }
}

AlignedRows::AlignedRows(uint64_t rows, uint32_t columns, RowShift shift, Read read,
                         std::vector<uint64_t> lost, std::vector<uint64_t> gap_before)
    : rows_(rows),
      columns_(columns),
      shift_(shift),
      read_(std::move(read)),
      lost_(std::move(lost)),
      gap_before_(std::move(gap_before)) {}

AlignedRows::Pair AlignedRows::pair_of(uint64_t row) const {
  const int64_t before = static_cast<int64_t>(row) + shift_.rows;
  return {before, shift_.part == 0 ? before : before + 1};
}

bool AlignedRows::is_lost(uint64_t stored) const {
  return std::binary_search(lost_.begin(), lost_.end(), stored);
}

bool AlignedRows::is_torn(const Pair& pair) const {
  return is_lost(static_cast<uint64_t>(pair.before)) || is_lost(static_cast<uint64_t>(pair.after)) ||
         (pair.after != pair.before &&
          std::binary_search(gap_before_.begin(), gap_before_.end(), static_cast<uint64_t>(pair.after)));
}

bool AlignedRows::is_measured(uint64_t row) const {
  const Pair pair = pair_of(row);
  return pair.before >= 0 && pair.after < static_cast<int64_t>(rows_) && !is_torn(pair);
}

base::Result<std::span<const uint16_t>> AlignedRows::stored(uint64_t row) {
  Held& held = held_[row % 2];
  if (held.row != row) {
    held.values.resize(columns_);
    held.row = UINT64_MAX;
    GARITA_TRY(read_(row, held.values));
    held.row = row;
  }
  return std::span<const uint16_t>(held.values);
}

base::Result<void> AlignedRows::row(uint64_t row, std::span<uint16_t> out) {
  if (rows_ == 0) return std::fill(out.begin(), out.end(), canonical_unmeasured), base::Result<void>();
  const int64_t last = static_cast<int64_t>(rows_) - 1;
  Pair pair = pair_of(row);
  pair = {std::clamp<int64_t>(pair.before, 0, last), std::clamp<int64_t>(pair.after, 0, last)};
  if (is_torn(pair)) return std::fill(out.begin(), out.end(), canonical_unmeasured), base::Result<void>();
  GARITA_TRY_ASSIGN(before, stored(static_cast<uint64_t>(pair.before)));
  GARITA_TRY_ASSIGN(after, stored(static_cast<uint64_t>(pair.after)));
  interpolate(before, after, shift_, out);
  return {};
}

}  // namespace garita::normalize
