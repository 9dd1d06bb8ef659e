// Planes that use few of the values they could: packed to ranks, neighbouring values lie side by side again.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace garita::codec {

inline constexpr size_t value_count = 65536;

// The values of a tile, ascending, and the rank of each.
class ValueTable {
 public:
  ValueTable();
  // Takes the values of a tile of little-endian u16 samples. False where ranks would save too little; dense
  // tiles are found out by a few of their rows.
  bool collect(const std::byte* pixels, uint32_t rows, uint32_t columns);

  const std::vector<uint16_t>& values() const { return values_; }
  const uint16_t* ranks() const { return ranks_.get(); }

 private:
  void mark(const std::byte* row, size_t samples);
  size_t unmarked(const std::byte* row, size_t samples) const;
  bool pays(size_t samples) const;
  size_t take(size_t from, size_t to, size_t rank);

  std::unique_ptr<uint8_t[]> used_;
  std::unique_ptr<uint16_t[]> ranks_;
  std::vector<uint16_t> values_;
};

}  // namespace garita::codec
