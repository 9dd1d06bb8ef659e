#include "core/codec/predictor_fit.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>

namespace garita::codec {
namespace {

constexpr uint32_t sampled_rows = 12;
constexpr uint32_t tried_rows = 10;

double total(const std::array<float, strands>& sums) {
  double sum = 0;
  for (const float strand : sums) sum += static_cast<double>(strand);
  return sum;
}

// Cholesky; a little on the diagonal keeps flat cells solvable.
std::array<double, taps> solved(const Equations& equations) {
  double factor[taps][taps] = {}, y[taps] = {};
  std::array<double, taps> weights{};
  double trace = 1e-3;
  const auto product = [&](size_t i, size_t j) { return total(equations.sums[i * (i + 1) / 2 + j]); };
  for (size_t i = 0; i < taps; ++i) trace += product(i, i);
  for (size_t i = 0; i < taps; ++i) {
    y[i] = total(equations.sums[products + i]);
    for (size_t j = 0; j <= i; ++j) {
      double sum = product(i, j) + (i == j ? 1e-4 * trace : 0);
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

// Σ log2(z + 1) over some rows.
int64_t cost(CellBuffer& cell, const Predictor& predictor, uint32_t rows, uint32_t columns,
             const Kernels& kernels) {
  int64_t sum = 0;
  const uint32_t step = std::max(1u, rows / tried_rows);
  for (uint32_t row = 1; row < rows; row += step) {
    std::array<uint16_t, cell_columns> z;
    kernels.predict(cell.row(static_cast<int>(row)), predictor, 1, columns, z.data());
    sum += kernels.weigh(z.data(), columns);
  }
  return sum;
}

}  // namespace

Predictor fitted(CellBuffer& cell, uint32_t rows, uint32_t columns, const Kernels& kernels) {
  Predictor best;
  if (rows < 4 || columns < strands) return best;
  Equations equations;
  const uint32_t step = std::max(1u, rows / sampled_rows);
  for (uint32_t row = 2; row < rows; row += step)
    kernels.learn(cell.row(static_cast<int>(row)), columns, equations);
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
