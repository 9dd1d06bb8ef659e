#include "core/codec/predictor_fit.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>

namespace garita::codec {
namespace {

constexpr size_t stride = CellBuffer::stride;
constexpr size_t taps = 5;
constexpr uint32_t sampled_rows = 8;
constexpr uint32_t tried_rows = 5;

// 4 numbers at once on any machine, in the same order of additions.
typedef float Floats __attribute__((vector_size(16)));
typedef int32_t Words __attribute__((vector_size(16)));
typedef uint16_t Samples __attribute__((vector_size(8)));

inline Floats load(const uint16_t* at) {
  Samples samples;
  __builtin_memcpy(&samples, at, sizeof samples);
  return __builtin_convertvector(__builtin_convertvector(samples, Words), Floats);
}

inline Floats magnitude(Floats value) {
  return reinterpret_cast<Floats>(reinterpret_cast<Words>(value) & 0x7FFFFFFF);
}

// The normal equations of x - N = Σ w (tap - N).
struct Equations {
  Floats products[taps][taps] = {};
  Floats targets[taps] = {};

  // Where neighbours differ much, an edge passes, of which nothing is to be learnt.
  void add(const uint16_t* at) {
    const uint16_t* north = at - stride;
    const Floats n = load(north), w = load(at - 1), nw = load(north - 1), ne = load(north + 1);
    const Floats d[taps] = {w - n, nw - n, ne - n, load(at - 2) - n, load(north - stride) - n};
    const Floats target = load(at) - n;
    const Floats unrest = magnitude(w - nw) + magnitude(d[1]) + magnitude(d[2]) + 4.0F;
    const Floats weight = 1.0F / unrest;
    for (size_t i = 0; i < taps; ++i) {
      const Floats weighted = d[i] * weight;
      for (size_t j = 0; j <= i; ++j) products[i][j] += weighted * d[j];
      targets[i] += weighted * target;
    }
  }
};

double total(Floats value) {
  return (static_cast<double>(value[0]) + static_cast<double>(value[1])) +
         (static_cast<double>(value[2]) + static_cast<double>(value[3]));
}

// Cholesky; a little on the diagonal keeps flat cells solvable.
std::array<double, taps> solved(const Equations& equations) {
  double factor[taps][taps] = {}, y[taps] = {};
  std::array<double, taps> weights{};
  double trace = 1e-3;
  for (size_t i = 0; i < taps; ++i) trace += total(equations.products[i][i]);
  for (size_t i = 0; i < taps; ++i) {
    y[i] = total(equations.targets[i]);
    for (size_t j = 0; j <= i; ++j) {
      double sum = total(equations.products[i][j]) + (i == j ? 1e-4 * trace : 0);
      for (size_t k = 0; k < j; ++k) sum -= factor[i][k] * factor[j][k];
      if (i == j) factor[i][i] = std::sqrt(std::max(sum, 1e-12));
      if (i != j) factor[i][j] = sum / factor[j][j];
    }
    for (size_t k = 0; k < i; ++k) y[i] -= factor[i][k] * y[k];
    y[i] /= factor[i][i];
  }
  for (size_t i = taps; i-- > 0;) {
    double sum = y[i];
    for (size_t k = i + 1; k < taps; ++k) sum -= factor[k][i] * weights[k];
    weights[i] = sum / factor[i][i];
  }
  return weights;
}

Predictor in_fixed_point(Mode mode, const std::array<double, taps>& weights) {
  Predictor predictor{.mode = mode};
  const double one = mode == Mode::fine ? 16384 : 32768;
  for (size_t i = 0; i < taps; ++i)
    predictor.weights[i] = static_cast<int16_t>(std::lrint(std::clamp(weights[i] * one, -32767.0, 32767.0)));
  return predictor;
}

// Σ log2(z + 1), from the exponents of binary32 and what follows them: near enough to compare by.
int64_t cost(const uint16_t* z, uint32_t columns) {
  Words sum = {};
  for (uint32_t column = 0; column + 4 <= columns; column += 4)
    sum += (reinterpret_cast<Words>(load(z + column) + 1.0F) - 0x3F800000) >> 12;
  return int64_t{sum[0]} + sum[1] + sum[2] + sum[3];
}

int64_t cost(CellBuffer& cell, const Predictor& predictor, uint32_t rows, uint32_t columns,
             const Kernels& kernels) {
  int64_t sum = 0;
  const uint32_t step = std::max(1u, rows / tried_rows);
  for (uint32_t row = 1; row < rows; row += step) {
    std::array<uint16_t, cell_columns> z;
    kernels.predict(cell.row(static_cast<int>(row)), predictor, 1, columns, z.data());
    sum += cost(z.data(), columns);
  }
  return sum;
}

}  // namespace

Predictor fitted(CellBuffer& cell, uint32_t rows, uint32_t columns, const Kernels& kernels) {
  Predictor best;
  if (rows < 4 || columns < 8) return best;
  Equations equations;
  const uint32_t step = std::max(1u, rows / sampled_rows);
  for (uint32_t row = 2; row < rows; row += step)
    for (uint32_t column = 0; column + 4 <= columns; column += 4)
      equations.add(cell.row(static_cast<int>(row)) + column);
  const auto weights = solved(equations);
  int64_t least = cost(cell, best, rows, columns, kernels);
  for (const Mode mode : {Mode::linear, Mode::fine}) {
    const Predictor tried = in_fixed_point(mode, weights);
    const int64_t sum = cost(cell, tried, rows, columns, kernels);
    if (sum < least) least = sum, best = tried;
  }
  return best;
}

}  // namespace garita::codec
