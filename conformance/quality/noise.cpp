#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include "conformance/quality/regions.hpp"

namespace garita::quality {
namespace {

constexpr size_t parts = 8, least_dark = 16;
constexpr double band = 0.05;  // cycles a pixel, to both sides

// All 13 × 13 means.
std::vector<double> blurred(const Patch& patch) {
  const size_t stride = patch.columns + 1;
  std::vector<double> sums((patch.rows + 1) * stride);
  for (size_t row = 0; row < patch.rows; ++row)
    for (size_t column = 0; column < patch.columns; ++column)
      sums[(row + 1) * stride + column + 1] = patch.at(row, column) + sums[row * stride + column + 1] +
                                              sums[(row + 1) * stride + column] - sums[row * stride + column];
  std::vector<double> means;
  for (size_t row = blur; row <= patch.rows; ++row)
    for (size_t column = blur; column <= patch.columns; ++column)
      means.push_back((sums[row * stride + column] - sums[(row - blur) * stride + column] -
                       sums[row * stride + column - blur] + sums[(row - blur) * stride + column - blur]) /
                      (blur * blur));
  return means;
}

bool can_be_blurred(const Patch& patch) { return patch.rows >= blur && patch.columns >= blur; }

double middle_of(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

// Relative, k = 2: what n values tell of their own deviation.
double u_of_deviation(size_t count) { return 2 / std::sqrt(2 * (static_cast<double>(count) - 1)); }

// The patch in 8 × 8 parts, each a list of its values.
std::vector<std::vector<double>> parts_of(const Patch& patch) {
  std::vector<std::vector<double>> all(parts * parts);
  for (size_t row = 0; row < patch.rows; ++row)
    for (size_t column = 0; column < patch.columns; ++column)
      all[row * parts / patch.rows * parts + column * parts / patch.columns].push_back(patch.at(row, column));
  return all;
}

// Mean and deviation over parts chosen, from their sums.
struct Sums {
  double count = 0, sum = 0, squares = 0;

  void add(const Sums& other) { count += other.count, sum += other.sum, squares += other.squares; }
  double mean() const { return sum / count; }
  double deviation() const { return std::sqrt(std::max(0.0, (squares - sum * sum / count) / (count - 1))); }
};

// The row without its straight line.
std::vector<double> levelled(const Patch& patch, size_t row) {
  const auto count = static_cast<double>(patch.columns);
  double mean = 0, slope = 0, spread = 0;
  for (size_t i = 0; i < patch.columns; ++i) mean += patch.at(row, i) / count;
  for (size_t i = 0; i < patch.columns; ++i) {
    const double x = static_cast<double>(i) - (count - 1) / 2;
    slope += x * (patch.at(row, i) - mean), spread += x * x;
  }
  std::vector<double> values(patch.columns);
  for (size_t i = 0; i < patch.columns; ++i)
    values[i] = patch.at(row, i) - mean - slope / spread * (static_cast<double>(i) - (count - 1) / 2);
  return values;
}

double power_at(const std::vector<double>& values, double frequency) {
  double real = 0, imaginary = 0;
  for (size_t i = 0; i < values.size(); ++i) {
    const double angle = 2 * std::numbers::pi * frequency * static_cast<double>(i);
    real += values[i] * std::cos(angle), imaginary += values[i] * std::sin(angle);
  }
  return (real * real + imaginary * imaginary) / static_cast<double>(values.size());
}

}  // namespace

std::optional<Value> dynamic_range(const Patch& open, const Patch& dark) {
  if (!can_be_blurred(open) || dark.values.size() < least_dark) return std::nullopt;
  const auto means = blurred(open);
  const double bright = *std::max_element(means.begin(), means.end()), deviation = deviation_of(dark.values);
  const double mean = mean_of(open.values);
  if (!(deviation > 0) || !(mean > 0)) return std::nullopt;
  // The greatest of many means lies above the field's own level: as far is not known, so all of it counts.
  const double above = (bright - mean) / mean, ratio = bright / deviation;
  return Value{ratio, ratio * std::hypot(u_of_deviation(dark.values.size()), 2 * above / std::sqrt(3.0))};
}

std::optional<Value> extent(const std::vector<Border>& borders, const Patch& dark, double threshold) {
  const double deviation = deviation_of(dark.values);
  if (borders.empty() || dark.values.size() < least_dark || !(deviation > 0)) return std::nullopt;
  std::vector<double> ranges;  // of the worst side
  for (const Border& border : borders) {
    if (border.strips.empty() || !std::all_of(border.strips.begin(), border.strips.end(), can_be_blurred))
      return std::nullopt;
    double least = std::numeric_limits<double>::infinity();
    for (const Patch& strip : border.strips) least = std::min(least, middle_of(blurred(strip)) / deviation);
    ranges.push_back(least);
  }
  const auto reached = [&](double factor) {  // index of the smallest distance; their number where none
    size_t first = ranges.size();
    while (first > 0 && ranges[first - 1] * factor > threshold) --first;
    return first;
  };
  const auto distance = [&](size_t index) {
    return borders[std::min(index, borders.size() - 1)].distance_mm;
  };
  const size_t index = reached(1);
  Value own{distance(index), 0, index == borders.size()};
  const double u = u_of_deviation(dark.values.size());
  const double gap = own.value - (index == 0 ? 0 : distance(index - 1));
  own.u = std::max(
      {distance(reached(1 - u)) - own.value, own.value - distance(reached(1 + u)), gap / std::sqrt(3.0)});
  return own;
}

std::optional<Value> flatness(const Patch& open) {
  if (open.rows < 2 * parts || open.columns < 2 * parts) return std::nullopt;
  std::vector<Sums> sums;
  Sums whole;
  for (const auto& part : parts_of(open)) {
    Sums own;
    for (const double value : part) own.add({1, value, value * value});
    sums.push_back(own);
    whole.add(own);
  }
  if (!(whole.mean() > 0)) return std::nullopt;
  std::vector<double> repeats;
  std::mt19937_64 generator(1);
  for (int repeat = 0; repeat < 200; ++repeat) {
    Sums own;
    for (const size_t pick : resampled(sums.size(), generator)) own.add(sums[pick]);
    repeats.push_back(1 - own.deviation() / own.mean());
  }
  return Value{1 - whole.deviation() / whole.mean(), 2 * deviation_of(repeats)};
}

std::optional<Value> noise_power(const Patch& open, double frequency, double pitch_mm) {
  if (open.rows < least_noise_rows || open.columns < least_noise_columns || !(frequency > 0) ||
      frequency >= 0.5 || !(pitch_mm > 0))
    return std::nullopt;
  const auto count = static_cast<double>(open.columns);
  std::vector<double> rows;
  for (size_t row = 0; row < open.rows; ++row) {
    const std::vector<double> values = levelled(open, row);
    std::vector<double> powers;
    for (size_t k = 1; k <= open.columns / 2; ++k)
      if (const double f = static_cast<double>(k) / count; std::abs(f - frequency) <= band)
        powers.push_back(power_at(values, f));
    rows.push_back(mean_of(powers) * pitch_mm);
  }
  return Value{mean_of(rows), 2 * deviation_of(rows) / std::sqrt(static_cast<double>(rows.size()))};
}

std::optional<Value> noise_equivalent_quanta(const Patch& open, const Value& mtf, const Value& nps) {
  const double signal = mean_of(open.values);
  if (!(nps.value > 0) || !(mtf.value > 0) || !(signal > 0)) return std::nullopt;
  const double quanta = signal * signal * mtf.value * mtf.value / nps.value;
  return Value{quanta, quanta * std::hypot(2 * mtf.u / mtf.value, nps.u / nps.value)};
}

}  // namespace garita::quality
