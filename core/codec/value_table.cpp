#include "core/codec/value_table.hpp"

#include <algorithm>
#include <cstring>

namespace garita::codec {
namespace {

constexpr size_t fewest_samples = 2048;
constexpr uint32_t rows_to_learn_from = 8;
constexpr uint32_t rows_to_ask = 2;

uint16_t sample(const std::byte* row, size_t column) {
  uint16_t value;
  std::memcpy(&value, row + 2 * column, sizeof value);
  return value;
}

}  // namespace

ValueTable::ValueTable() : used_(new uint8_t[value_count]), ranks_(new uint16_t[value_count]) {}

void ValueTable::mark(const std::byte* row, size_t samples) {
  uint8_t* const used = used_.get();
  size_t i = 0;
  for (; i + 4 <= samples; i += 4) {
    uint64_t four;
    std::memcpy(&four, row + 2 * i, sizeof four);
    used[four & 0xFFFF] = 1;
    used[four >> 16 & 0xFFFF] = 1;
    used[four >> 32 & 0xFFFF] = 1;
    used[four >> 48] = 1;
  }
  for (; i < samples; ++i) used[sample(row, i)] = 1;
}

size_t ValueTable::unmarked(const std::byte* row, size_t samples) const {
  size_t count = 0;
  for (size_t i = 0; i < samples; ++i) count += used_[sample(row, i)] == 0;
  return count;
}

// At most half of the values between the least and the greatest are used.
bool ValueTable::sparse() {
  const uint8_t* begin = used_.get();
  const auto* first = static_cast<const uint8_t*>(std::memchr(begin, 1, value_count));
  const auto* last = static_cast<const uint8_t*>(memrchr(begin, 1, value_count));
  if (!first) return false;
  size_t used = 0;  // eight marks at a time
  for (size_t at = 0; at < value_count; at += 8) {
    uint64_t marks;
    std::memcpy(&marks, begin + at, sizeof marks);
    used += marks * 0x0101010101010101u >> 56;
  }
  return used * 2 <= static_cast<size_t>(last - first);
}

// The used ones of eight values.
void ValueTable::take(size_t from) {
  for (size_t value = from; value < from + 8; ++value) {
    if (!used_[value]) continue;
    ranks_[value] = static_cast<uint16_t>(values_.size());
    values_.push_back(static_cast<uint16_t>(value));
  }
}

bool ValueTable::collect(const std::byte* pixels, uint32_t rows, uint32_t columns) {
  if (size_t{rows} * columns < fewest_samples) return false;
  const size_t row_bytes = size_t{columns} * 2;
  std::memset(used_.get(), 0, value_count);
  const uint32_t step = std::max(1u, rows / rows_to_learn_from);
  for (uint32_t row = 0; row < rows; row += step) mark(pixels + row * row_bytes, columns);
  size_t unseen = 0;
  for (uint32_t i = 1; i <= rows_to_ask; ++i)
    unseen += unmarked(pixels + (rows * i / (rows_to_ask + 1)) * row_bytes, columns);
  if (unseen > size_t{columns} * rows_to_ask / 16 || !sparse()) return false;
  mark(pixels, size_t{rows} * columns);
  if (!sparse()) return false;
  values_.clear();
  for (size_t at = 0; at < value_count; at += 8) {
    uint64_t marks;
    std::memcpy(&marks, &used_[at], sizeof marks);
    if (marks != 0) take(at);
  }
  return values_.size() * 8 <= size_t{rows} * columns;
}

}  // namespace garita::codec
