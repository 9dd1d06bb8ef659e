#include "conformance/quality/wire.hpp"

#include <algorithm>
#include <cmath>

namespace garita::quality {
namespace {

constexpr size_t least = 16;
constexpr double steepest = 0.2;
constexpr int repeats = 100;

double middle_of(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

// The patch without its columns' straight line: shading is no wire.
Patch levelled(const Patch& patch) {
  std::vector<double> means(patch.columns);
  for (size_t row = 0; row < patch.rows; ++row)
    for (size_t column = 0; column < patch.columns; ++column) means[column] += patch.at(row, column);
  double mean = 0, slope = 0, spread = 0;
  const double middle = static_cast<double>(patch.columns - 1) / 2;
  for (size_t column = 0; column < patch.columns; ++column) mean += means[column];
  mean /= static_cast<double>(patch.columns);
  for (size_t column = 0; column < patch.columns; ++column) {
    const double x = static_cast<double>(column) - middle;
    slope += x * (means[column] - mean), spread += x * x;
  }
  const auto rows = static_cast<double>(patch.rows);
  Patch own = patch;
  for (size_t i = 0; i < own.values.size(); ++i)
    own.values[i] -= (mean + slope / spread * (static_cast<double>(i % patch.columns) - middle)) / rows;
  return own;
}

// What each row has on a line through (place, middle row): whole pixels, so that every integral has the same
// noise.
double on_line(const Patch& patch, size_t row, double place, double slope) {
  const double column = place + slope * (static_cast<double>(row) - static_cast<double>(patch.rows - 1) / 2);
  return patch.at(row, static_cast<size_t>(std::lround(column)));
}

struct Line {
  double place = 0, slope = 0, mean = 0;
};

struct Search {
  Line darkest;
  double middle = 0, deviation = 0;  // of all the others
};

Search search(const Patch& patch) {
  Search own;
  own.darkest.mean = 1e300;
  std::vector<double> means;
  const double half = static_cast<double>(patch.rows - 1) / 2, end = static_cast<double>(patch.columns - 1);
  const int steps = static_cast<int>(std::ceil(steepest * half));  // a pixel at the ends from one to the next
  for (int step = -steps; step <= steps; ++step) {
    const double slope = step / half, reach = std::abs(slope) * half;
    for (double place = std::ceil(reach); place + reach <= end; place += 1) {
      double sum = 0;
      for (size_t row = 0; row < patch.rows; ++row) sum += on_line(patch, row, place, slope);
      const double mean = sum / static_cast<double>(patch.rows);
      means.push_back(mean);
      if (mean < own.darkest.mean) own.darkest = {place, slope, mean};
    }
  }
  if (means.empty()) return own;
  own.middle = middle_of(means);
  std::vector<double> away;
  for (const double mean : means) away.push_back(std::abs(mean - own.middle));
  own.deviation = 1.4826 * middle_of(away);  // lines that touch the wire do not move it
  return own;
}

std::optional<Value> upright(const Patch& raw) {
  const Patch patch = levelled(raw);
  const Search found = search(patch);
  if (!(found.deviation > 0)) return std::nullopt;
  std::vector<double> on(patch.rows), means;
  for (size_t row = 0; row < patch.rows; ++row)
    on[row] = on_line(patch, row, found.darkest.place, found.darkest.slope);
  std::mt19937_64 generator(1);
  for (int repeat = 0; repeat < repeats; ++repeat) {
    double sum = 0;
    for (const size_t pick : resampled(patch.rows, generator)) sum += on[pick];
    means.push_back(sum / static_cast<double>(patch.rows));
  }
  const double signal = (found.middle - found.darkest.mean) / found.deviation;
  // Lines that do not share pixels tell of the deviation independently: one a column. The median's way of
  // looking at them is worth about four tenths of what they would tell otherwise.
  const double independent = 0.37 * static_cast<double>(patch.columns);
  return Value{signal, std::hypot(2 * deviation_of(means) / found.deviation,
                                  2 * signal / std::sqrt(2 * std::max(1.0, independent - 1)))};
}

}  // namespace

std::optional<Value> wire_signal(const Patch& patch) {
  if (patch.rows < least || patch.columns < least) return std::nullopt;
  const auto a = upright(patch), b = upright(patch.turned());
  if (!a || !b) return a ? a : b;
  return a->value >= b->value ? a : b;
}

std::optional<Value> thinnest(const std::vector<Wire>& wires, double threshold) {
  if (wires.empty()) return std::nullopt;
  const auto seen = [&](double shift) {  // how many, from the thickest on
    size_t count = 0;
    while (count < wires.size() && wires[count].signal.value + shift * wires[count].signal.u > threshold)
      ++count;
    return count;
  };
  const auto diameter = [&](size_t count) { return wires[count == 0 ? 0 : count - 1].diameter_mm; };
  const size_t count = seen(0);
  Value own{diameter(count), 0, count == 0};
  const double gap = count < wires.size() && count > 0 ? own.value - wires[count].diameter_mm : own.value;
  own.u = std::max({diameter(seen(-1)) - own.value, own.value - diameter(seen(1)), gap / std::sqrt(3.0)});
  return own;
}

}  // namespace garita::quality
