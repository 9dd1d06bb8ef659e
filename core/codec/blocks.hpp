// What encoder and decoder of codec 2 agree on beside the kernels.
#pragma once

#include <cstring>

#include "core/codec/kernels.hpp"

namespace garita::codec {

enum class TileKind : uint8_t { stored = 0, constant = 1, coded = 2, ranks = 3 };

inline constexpr size_t classes = 16;  // 0: a block without residuals, which has no symbols
// An encoder's: 1 … 7 by the mean of the residuals; then blocks where some stand out, calm ones, noisy ones,
// and those that an empty area reaches into.
inline constexpr uint32_t last_calm_class = 5;
inline constexpr uint32_t class_of_calm_peaks = 8, class_of_noisy_peaks = 9, class_of_edges = 10;

struct BlockCode {
  uint32_t k = 0;     // low bits of each sample that go out as they are, 0 … 15
  uint32_t kind = 0;  // the class whose stream takes its symbols

  uint8_t byte() const { return static_cast<uint8_t>(k | kind << 4); }
  static BlockCode from(uint8_t byte) { return {byte & 15u, uint32_t{byte} >> 4}; }
};

// Classes whose symbols are nearly all zero: their runs are worth looking for.
inline constexpr size_t last_class_of_runs = 2;

// An encoder's choice for a block that has residuals, by their mean: low bits are those that are noise
// anyway. Where some stand out (an edge, a dead pixel), the mean of the others counts, and the block joins
// its like: the streams of all others are spared long codes for symbols that hardly occur.
BlockCode code_of(const uint16_t* z, uint32_t rows, uint32_t columns, const BlockMeasure& measure,
                  const Kernels& kernels);

// Rows of a cell are short: a call, or what compilers make of memcpy, costs more than the copy.
inline void copy_samples(void* to, const void* from, uint32_t count) {
  auto* out = static_cast<uint8_t*>(to);
  const auto* in = static_cast<const uint8_t*>(from);
  for (; count >= 32; count -= 32, out += 64, in += 64) std::memcpy(out, in, 64);
  for (; count >= 1; --count, out += 2, in += 2) std::memcpy(out, in, 2);
}

// The two columns to the left of a tile's first column: what lies above and to the right of each.
inline void make_left(CellBuffer& cell, uint32_t rows) {
  uint16_t* top = cell.row(0);
  top[-1] = top[-2] = top[0];
  for (int row = 1; row < static_cast<int>(rows); ++row) {
    uint16_t* at = cell.row(row);
    const uint16_t* north = cell.row(row - 1);
    at[-2] = north[-1];
    at[-1] = north[0];
  }
}

// The row above the first is the first.
inline void make_above(CellBuffer& cell) {
  std::memcpy(cell.row(-1) - CellBuffer::left, cell.row(0) - CellBuffer::left, CellBuffer::stride * 2);
}

}  // namespace garita::codec
