// The inner loops of codec 2, once for every kind of machine. kernels_scalar.cpp defines what they do; the
// others do the same, bit for bit, faster.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace garita::codec {

// A cell is what one predictor serves: up to 256 columns of a tile. While it is worked on, its samples lie in
// a CellBuffer, with room around them for what the predictors and vectors reach.
inline constexpr uint32_t cell_columns = 256;
inline constexpr uint32_t cell_rows = 128;
inline constexpr uint32_t block_columns = 32;
inline constexpr uint32_t block_rows = 8;
inline constexpr uint32_t lanes = 16;  // of the words that low bits are packed into

struct CellBuffer {
  static constexpr size_t left = 32, right = 64, stride = left + cell_columns + right;
  static constexpr size_t above = 1, below = lanes;
  alignas(64) std::array<uint16_t, (above + cell_rows + below) * stride> samples{};

  // Row -1 is there too.
  uint16_t* row(int row) { return samples.data() + static_cast<size_t>(row + 1) * stride + left; }
};

enum class Mode : uint8_t { median = 0, linear = 1, fine = 2, constant = 3 };

struct Predictor {
  Mode mode = Mode::median;
  std::array<int16_t, 5> weights{};  // of W, NW, NE, WW, NN, each less N
  uint16_t value = 0;                // of a constant cell
};

// What is known of a block before it is coded.
struct BlockMeasure {
  uint32_t sum = 0;   // of the residuals, each no more than the cap
  uint32_t most = 0;  // the greatest residual
};

// The normal equations of a least-squares fit: sums in 16 strands, so that machines with vectors of 4, 8 and
// 16 numbers add in the same order. Products i ≥ j of the taps, row by row, then those with the target.
inline constexpr size_t taps = 5, strands = 16, products = taps * (taps + 1) / 2;
struct Equations {
  alignas(64) std::array<std::array<float, strands>, products + taps> sums{};
};

// Words of `lanes` low bits that a block takes.
inline constexpr uint32_t low_bytes(uint32_t k, uint32_t rows, uint32_t columns) {
  const uint32_t vectors = rows * (columns > lanes ? 2 : 1);
  return (vectors * k + 15) / 16 * (lanes * 2);
}

// `samples` points to row 0, column 0 of what is meant within a CellBuffer; z holds residuals, zigzagged,
// cell_columns a row.
struct Kernels {
  // Residuals of `rows` rows below the first of a tile. Columns up to the next multiple of 16 may hold
  // anything.
  void (*predict)(const uint16_t* samples, const Predictor&, uint32_t rows, uint32_t columns, uint16_t* z);
  // Of each block of a strip of at most 8 rows; columns beyond `columns` are zero. cap: at most 32767.
  void (*measure)(const uint16_t* z, uint32_t rows, uint32_t columns, uint16_t cap, BlockMeasure* blocks);
  // One block: symbols behind one another, row by row, low bits packed. May write 32 bytes beyond each.
  // True where a symbol is 255.
  bool (*split)(const uint16_t* z, uint32_t k, uint32_t rows, uint32_t columns, uint8_t* symbols,
                std::byte* low);
  // The reverse, into residuals that are signed again. May read 32 bytes beyond the symbols, nothing beyond
  // low_bytes() of low, and may write up to the block's full 32 columns.
  bool (*join)(const uint8_t* symbols, const std::byte* low, uint32_t k, uint32_t rows, uint32_t columns,
               uint16_t* residuals);
  // Residuals of rows 1 … rows - 1 of a cell become samples, in place. Row 0 and, but for the first cell of a
  // tile, two columns to the left of each row are there already. `samples`: row 0, column 0.
  void (*rebuild)(uint16_t* samples, const Predictor&, uint32_t from, uint32_t rows, uint32_t columns,
                  bool first_cell);
  // Huffman codes (HuffmanCode::codes) of symbols below 64, from the last to the first, the lowest bit first,
  // and a bit that ends them. Returns the bytes; may write 8 more.
  size_t (*pack)(const uint8_t* symbols, size_t count, const uint16_t* codes, uint8_t* out);
  // Adds what a row of samples has to say about x - N = Σ w (tap - N); columns beyond the last 16 are left
  // out.
  void (*learn)(const uint16_t* samples, uint32_t columns, Equations& equations);
  // Σ log2(z + 1) in 1/2048, near enough to compare by; columns beyond the last 16 are left out.
  int64_t (*weigh)(const uint16_t* z, uint32_t columns);
};

const Kernels& scalar_kernels();
#if defined(__x86_64__)
const Kernels& avx2_kernels();  // only where avx2_runs()
bool avx2_runs();
const Kernels& avx512_kernels();  // only where avx512_runs()
bool avx512_runs();
#endif
const Kernels& best_kernels();

}  // namespace garita::codec
