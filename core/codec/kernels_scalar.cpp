// The reference: what codec 2 means, a sample at a time.
#include <algorithm>
#include <cstring>

#include "core/codec/bit_writer.hpp"
#include "core/codec/huffman_code.hpp"
#include "core/codec/kernels.hpp"

namespace garita::codec {
namespace {

constexpr size_t stride = CellBuffer::stride;

// w · difference / 2^15, rounded; all of it modulo 2^16.
int16_t weighed(int16_t weight, int difference) {
  return static_cast<int16_t>((weight * static_cast<int16_t>(difference) + 0x4000) >> 15);
}

int weighed_sum(const uint16_t* at, const Predictor& predictor, int scale) {
  const uint16_t* north = at - stride;
  const int n = north[0];
  const auto& weight = predictor.weights;
  return weighed(weight[0], (at[-1] - n) * scale) + weighed(weight[1], (north[-1] - n) * scale) +
         weighed(weight[2], (north[1] - n) * scale) + weighed(weight[3], (at[-2] - n) * scale) +
         weighed(weight[4], (at[-2 * static_cast<ptrdiff_t>(stride)] - n) * scale);
}

uint16_t median(uint16_t w, uint16_t n, uint16_t nw) {
  const auto [low, high] = std::minmax(w, n);
  return static_cast<uint16_t>(w + n - std::clamp(nw, low, high));
}

// `fine`: differences are taken 16 times, weights are in 1/2^14, the sum is rounded to 1/8 at the end.
uint16_t predicted(const uint16_t* at, const Predictor& predictor) {
  const uint16_t* north = at - stride;
  if (predictor.mode == Mode::median) return median(at[-1], north[0], north[-1]);
  if (predictor.mode == Mode::linear) return static_cast<uint16_t>(north[0] + weighed_sum(at, predictor, 1));
  const auto sum = static_cast<int16_t>(weighed_sum(at, predictor, 16) + 4);
  return static_cast<uint16_t>(north[0] + (sum >> 3));
}

uint16_t zigzag(uint16_t residual) {
  return static_cast<uint16_t>((residual << 1) ^ (residual & 0x8000 ? 0xFFFF : 0));
}

uint16_t unzigzag(uint16_t z) { return static_cast<uint16_t>((z >> 1) ^ (z & 1 ? 0xFFFF : 0)); }

void predict(const uint16_t* samples, const Predictor& predictor, uint32_t rows, uint32_t columns,
             uint16_t* z) {
  for (uint32_t row = 0; row < rows; ++row) {
    for (uint32_t column = 0; column < columns; ++column) {
      const uint16_t* at = samples + row * stride + column;
      z[row * cell_columns + column] = zigzag(static_cast<uint16_t>(*at - predicted(at, predictor)));
    }
  }
}

void measure(const uint16_t* z, uint32_t rows, uint32_t columns, uint16_t cap, BlockMeasure* blocks) {
  for (uint32_t from = 0; from < columns; from += block_columns, ++blocks) {
    *blocks = {};
    for (uint32_t row = 0; row < rows; ++row) {
      for (uint32_t column = from; column < from + block_columns; ++column) {
        const uint16_t value = z[row * cell_columns + column];
        blocks->sum += std::min(value, cap);
        blocks->most = std::max<uint32_t>(blocks->most, value);
      }
    }
  }
}

// Where the k low bits of a sample lie: vector v = its place among the block's runs of 16 columns, bits
// v·k … v·k + k - 1 of the string of words of its lane.
struct LowPlace {
  uint32_t bit, lane;
  LowPlace(uint32_t k, uint32_t row, uint32_t column, uint32_t columns)
      : bit((row * (columns > lanes ? 2 : 1) + column / lanes) * k), lane(column % lanes) {}
  size_t word() const { return (bit / 16 * lanes + lane) * 2; }
  size_t next_word() const { return word() + lanes * size_t{2}; }
  uint32_t shift() const { return bit % 16; }
};

uint32_t word_at(const std::byte* low, size_t at) {
  return std::to_integer<uint32_t>(low[at]) | std::to_integer<uint32_t>(low[at + 1]) << 8;
}

void add_to_word(std::byte* low, size_t at, uint32_t bits) {
  low[at] |= static_cast<std::byte>(bits);
  low[at + 1] |= static_cast<std::byte>(bits >> 8);
}

bool split(const uint16_t* z, uint32_t k, uint32_t rows, uint32_t columns, uint8_t* symbols, std::byte* low) {
  bool escapes = false;
  std::memset(low, 0, low_bytes(k, rows, columns));
  for (uint32_t row = 0; row < rows; ++row) {
    for (uint32_t column = 0; column < columns; ++column) {
      const uint32_t value = z[row * cell_columns + column];
      *symbols = static_cast<uint8_t>(std::min(value >> k, 255u));
      escapes |= *symbols++ == 255;
      const LowPlace place(k, row, column, columns);
      const uint32_t bits = (value & ((1u << k) - 1)) << place.shift();
      if (k > 0) add_to_word(low, place.word(), bits);
      if (place.shift() + k > 16) add_to_word(low, place.next_word(), bits >> 16);
    }
  }
  return escapes;
}

bool join(const uint8_t* symbols, const std::byte* low, uint32_t k, uint32_t rows, uint32_t columns,
          uint16_t* residuals) {
  bool escapes = false;
  for (uint32_t row = 0; row < rows; ++row) {
    for (uint32_t column = 0; column < columns; ++column) {
      const LowPlace place(k, row, column, columns);
      uint32_t bits = k > 0 ? word_at(low, place.word()) >> place.shift() : 0;
      if (place.shift() + k > 16) bits |= word_at(low, place.next_word()) << (16 - place.shift());
      escapes |= *symbols == 255;
      const uint32_t z = static_cast<uint32_t>(*symbols++) << k | (bits & ((1u << k) - 1));
      residuals[row * stride + column] = unzigzag(static_cast<uint16_t>(z));
    }
  }
  return escapes;
}

void rebuild(uint16_t* samples, const Predictor& predictor, uint32_t from, uint32_t rows, uint32_t columns,
             bool first_cell) {
  for (uint32_t row = from; row < rows; ++row) {
    uint16_t* at = samples + row * stride;
    if (first_cell) {
      at[-2] = (at - stride)[-1];
      at[-1] = (at - stride)[0];
    }
    for (uint32_t column = 0; column < columns; ++column)
      at[column] = static_cast<uint16_t>(at[column] + predicted(at + column, predictor));
    at[columns] = at[columns - 1];
  }
}

size_t pack(const uint8_t* symbols, size_t count, const uint16_t* codes, uint8_t* out) {
  BitWriter bits(out);
  const auto put = [&](uint32_t code) { bits.put(code & ((1u << huffman_bits) - 1), code >> huffman_bits); };
  size_t i = count;
  for (; i % 4 != 0; bits.flush()) put(codes[symbols[--i]]);
  for (; i > 0; bits.flush())
    for (int four = 0; four < 4; ++four) put(codes[symbols[--i]]);
  return static_cast<size_t>(bits.finish() - out);
}

constexpr size_t width = 4;
#define GARITA_TARGET
#include "core/codec/fit_loops.inc"
#undef GARITA_TARGET

}  // namespace

const Kernels& scalar_kernels() {
  static constexpr Kernels kernels{predict, measure, split, join, rebuild, pack, learn, weigh};
  return kernels;
}

const Kernels& best_kernels() {
#if defined(__x86_64__)
  if (avx512_runs()) return avx512_kernels();
  if (avx2_runs()) return avx2_kernels();
#endif
  return scalar_kernels();
}

}  // namespace garita::codec
