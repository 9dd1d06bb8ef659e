#include "core/codec/value_table.hpp"

#include <algorithm>
#include <cstring>

namespace garita::codec {
namespace {

constexpr size_t fewest_samples = 2048;
constexpr uint32_t rows_to_learn_from = 8;
constexpr uint32_t rows_to_ask = 2;
constexpr size_t stretch = 64;

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

// Ranks pay where values lie at distances, so that no stretch of them is used by half; and where a few lie in
// far groups, so that there is little between them to be told. Values that are just missing, as a tile has
// fewer samples than there are values, do not count as distances.
bool ValueTable::pays(size_t samples) const {
  size_t used = 0, fullest = 0, first = value_count, last = 0;
  for (size_t at = 0; at < value_count; at += stretch) {
    uint64_t marks[stretch / 8], sum = 0;
    std::memcpy(marks, &used_[at], sizeof marks);
    for (const uint64_t eight : marks) sum += eight;
    const size_t count = sum * 0x0101010101010101u >> 56;
    if (count == 0) continue;
    used += count;
    fullest = std::max(fullest, count);
    first = std::min(first, at);
    last = at + stretch;
  }
  if (used == 0 || used * 2 > last - first) return false;
  return fullest <= stretch / 2 || (used * 4 <= last - first && used * 32 <= samples);
}

// All that are used of some values; without a branch, as it would be taken at random.
size_t ValueTable::take(size_t from, size_t to, size_t rank) {
  for (size_t value = from; value < to; ++value) {
    values_[rank] = static_cast<uint16_t>(value);
    ranks_[value] = static_cast<uint16_t>(rank);
    rank += used_[value];
  }
  return rank;
}

bool ValueTable::collect(const std::byte* pixels, uint32_t rows, uint32_t columns) {
  const size_t samples = size_t{rows} * columns;
  if (samples < fewest_samples) return false;
  const size_t row_bytes = size_t{columns} * 2;
  std::memset(used_.get(), 0, value_count);
  const uint32_t step = std::max(1u, rows / rows_to_learn_from);
  for (uint32_t row = 0; row < rows; row += step) mark(pixels + row * row_bytes, columns);
  size_t unseen = 0;
  for (uint32_t i = 1; i <= rows_to_ask; ++i)
    unseen += unmarked(pixels + (rows * i / (rows_to_ask + 1)) * row_bytes, columns);
  if (unseen > size_t{columns} * rows_to_ask / 16 || !pays(samples)) return false;
  mark(pixels, samples);
  if (!pays(samples)) return false;
  values_.resize(value_count);
  size_t count = 0;
  for (size_t at = 0; at < value_count; at += stretch)
    if (std::memchr(&used_[at], 1, stretch)) count = take(at, at + stretch, count);
  values_.resize(count);
  return values_.size() * 8 <= samples;
}

}  // namespace garita::codec
