// A plane made smaller as it arrives: each level has a quarter of the rows and columns of the one before.
//
// Level k of a u16 plane is made of boxes of 4 × 4 samples of level k − 1 (level 0: the plane), counted from
// the first row as stored and from column 0; a box at the far end holds what is there. value = floor((sum +
// n/2) / n) over its n samples, n/2 rounded down. Level k exists if level k − 1 has more than 512 rows or
// more than 512 columns.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "core/base/bytes.hpp"
#include "core/base/result.hpp"

namespace garita::package {

inline constexpr uint32_t overview_factor = 4;
inline constexpr uint32_t overview_limit = 512;

// Rows of one level that make a tile, tight, little-endian: to be stored. Called in order, level by level.
using OverviewSink =
    std::function<base::Result<void>(uint32_t level, uint32_t columns, base::Bytes rows, uint32_t row_count)>;

// One level and, once needed, the next. Memory: two tiles of the level. One thread at a time.
class Overview {
 public:
  Overview(uint32_t level, uint32_t source_columns);

  // Rows of the level before: any multiple of 4 of them, fewer only at the end.
  base::Result<void> add(base::Bytes source_rows, uint64_t row_count, const OverviewSink& sink);
  base::Result<void> end(const OverviewSink& sink);

 private:
  base::Result<void> flush(const OverviewSink& sink);

  const uint32_t level_, source_columns_, columns_;
  uint64_t source_rows_ = 0;
  uint32_t rows_ = 0;  // in buffer_
  std::vector<std::byte> buffer_;
  std::unique_ptr<Overview> next_;
};

}  // namespace garita::package
