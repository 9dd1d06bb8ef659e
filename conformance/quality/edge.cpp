#include "conformance/quality/edge.hpp"

#include <algorithm>
#include <cmath>
#include <complex>
#include <numbers>
#include <numeric>

#include "conformance/quality/figure.hpp"

namespace garita::quality {
namespace {

constexpr double bin = 0.25;  // pixels
constexpr size_t min_rows = 16, min_columns = 16, frequencies = 101;
constexpr int repeats = 80;
constexpr double sought = 0.2;

using Rows = std::vector<size_t>;

struct Levels {
  double left = 0, right = 0;
};

struct Line {
  double place = 0, slope = 0;  // column = place + slope · row
};

Levels levels_of(const Patch& patch) {
  const size_t part = patch.columns / 8;
  Levels levels;
  for (size_t row = 0; row < patch.rows; ++row)
    for (size_t i = 0; i < part; ++i) {
      levels.left += patch.at(row, i);
      levels.right += patch.at(row, patch.columns - 1 - i);
    }
  const auto count = static_cast<double>(part * patch.rows);
  return {levels.left / count, levels.right / count};
}

// Where row crosses, from the area within columns [first, last).
double crossing(const Patch& patch, size_t row, size_t first, size_t last, const Levels& levels) {
  double area = 0;
  for (size_t column = first; column < last; ++column)
    area += (levels.right - patch.at(row, column)) / (levels.right - levels.left);
  return static_cast<double>(first) - 0.5 + area;
}

std::optional<Line> fitted(const Rows& rows, const std::vector<double>& places) {
  const auto count = static_cast<double>(rows.size());
  double x = 0, y = 0, xx = 0, xy = 0;
  for (const size_t row : rows) {
    const auto r = static_cast<double>(row);
    x += r, y += places[row], xx += r * r, xy += r * places[row];
  }
  const double spread = xx - x * x / count;
  if (spread <= 0) return std::nullopt;
  const double slope = (xy - x * y / count) / spread;
  return Line{(y - slope * x) / count, slope};
}

std::optional<Line> line_of(const Patch& patch, const Rows& rows, const Levels& levels) {
  std::vector<double> places(patch.rows);
  for (size_t row = 0; row < patch.rows; ++row) places[row] = crossing(patch, row, 0, patch.columns, levels);
  const auto first = fitted(rows, places);
  if (!first) return first;
  const double reach = static_cast<double>(patch.columns) / 4, end = static_cast<double>(patch.columns);
  for (size_t row = 0; row < patch.rows; ++row) {  // again, from fewer pixels: less noise
    const double about = first->place + first->slope * static_cast<double>(row);
    const double low = std::clamp(about - reach, 0.0, end), high = std::clamp(about + reach, 0.0, end);
    places[row] = crossing(patch, row, static_cast<size_t>(low), static_cast<size_t>(high), levels);
  }
  return fitted(rows, places);
}

// The edge spread in bins of a quarter pixel, from −half to half, without the empty ones. A slope of one in
// ten puts pixels at ten distances only, so a bin's pixels seldom lie in its middle: their own mean distance
// stands for it, and how far they scatter around it is kept for what averaging over them takes away.
struct Spread {
  struct Bin {
    double place = 0, value = 0, scatter = 0;  // scatter: mean square of the distances from place
  };
  std::vector<Bin> bins;
};

Spread spread_of(const Patch& patch, const Rows& rows, const Line& line, double half) {
  struct Sum {
    double count = 0, place = 0, square = 0, value = 0;
  };
  std::vector<Sum> sums(static_cast<size_t>(2 * half / bin));
  const double across = 1 / std::hypot(1, line.slope);
  for (const size_t row : rows)
    for (size_t column = 0; column < patch.columns; ++column) {
      const double distance =
          (static_cast<double>(column) - line.place - line.slope * static_cast<double>(row)) * across;
      const double at = (distance + half) / bin;
      if (at < 0 || at >= static_cast<double>(sums.size())) continue;
      Sum& sum = sums[static_cast<size_t>(at)];
      sum.count += 1, sum.place += distance, sum.square += distance * distance;
      sum.value += patch.at(row, column);
    }
  Spread own;
  for (const Sum& sum : sums) {
    if (sum.count == 0) continue;
    const double place = sum.place / sum.count;
    own.bins.push_back({place, sum.value / sum.count, std::max(0.0, sum.square / sum.count - place * place)});
  }
  return own;
}

// Pixels from 10 % to 90 % of the step.
double rise_of(const Spread& spread, const Levels& levels) {
  double first = 1e9, last = -1e9;
  for (const Spread::Bin& each : spread.bins) {
    const double part = (each.value - levels.left) / (levels.right - levels.left);
    if (part > 0.1) first = std::min(first, each.place);
    if (part < 0.9) last = std::max(last, each.place);
  }
  return std::max(1.0, last - first);
}

// Flat to half of the way, then a cosine down to 0.
double window(double distance, double half) {
  const double part = std::abs(distance) / half;
  if (part >= 1) return 0;
  return part <= 0.5 ? 1 : 0.5 + 0.5 * std::cos(std::numbers::pi * (2 * part - 1));
}

// A difference over `gap` is the line spread averaged over it, which takes sinc(f · gap) of the transfer; the
// scatter in bins takes exp(−2π² f² · scatter). Both given back, as series: they are near 1.
double given_back(double frequency, double gap, double scatter) {
  const double x = std::pow(std::numbers::pi * frequency * std::min(gap, 2 * bin), 2);
  const double y = 2 * std::pow(std::numbers::pi * frequency, 2) * scatter;
  return (1 + x / 6 + 7 * x * x / 360) * (1 + y + y * y / 2);
}

std::vector<double> spectrum_of(const Spread& spread, double narrow) {
  std::vector<std::complex<double>> sums(frequencies);
  for (size_t i = 0; i + 1 < spread.bins.size(); ++i) {
    const Spread::Bin &a = spread.bins[i], &b = spread.bins[i + 1];
    const double place = (a.place + b.place) / 2, gap = b.place - a.place;
    const double value = (b.value - a.value) * window(place, narrow);
    if (value == 0) continue;
    const std::complex<double> turn =
        std::polar(1.0, 2 * std::numbers::pi * Transfer::frequency_step * place);
    std::complex<double> wave = value;
    for (size_t k = 0; k < frequencies; ++k, wave *= turn)
      sums[k] += wave * given_back(Transfer::frequency_step * static_cast<double>(k), gap,
                                   (a.scatter + b.scatter) / 2);
  }
  std::vector<double> mtf(frequencies);
  const double whole = std::abs(sums[0]);
  for (size_t k = 0; k < frequencies; ++k) mtf[k] = whole > 0 ? std::abs(sums[k]) / whole : 0;
  return mtf;
}

// Between two frequencies the curve is taken as falling by a constant factor.
double crossing_of(const std::vector<double>& mtf) {
  for (size_t k = 1; k < mtf.size(); ++k)
    if (mtf[k] < sought) {
      const double part = std::log(mtf[k - 1] / sought) / std::log(mtf[k - 1] / std::max(mtf[k], 1e-9));
      return Transfer::frequency_step * (static_cast<double>(k) - 1 + part);
    }
  return Transfer::highest_frequency;
}

struct Setting {
  Levels levels;
  double half = 0;
};

std::optional<std::vector<double>> transfer_of(const Patch& patch, const Rows& rows, const Setting& setting,
                                               double narrow) {
  const auto line = line_of(patch, rows, setting.levels);
  if (!line) return std::nullopt;
  return spectrum_of(spread_of(patch, rows, *line, setting.half), narrow * setting.half);
}

// How far to both sides of the line every row has pixels.
double room_of(const Patch& patch, const Line& line) {
  const double top = line.place, bottom = line.place + line.slope * static_cast<double>(patch.rows - 1);
  const double left = std::min(top, bottom),
               right = static_cast<double>(patch.columns - 1) - std::max(top, bottom);
  return std::floor(std::min(left, right));
}

double between(const std::vector<double>& values, double frequency) {
  const double at = frequency / Transfer::frequency_step;
  if (!(at >= 0) || at >= static_cast<double>(values.size()) - 1) return 0;
  const auto low = static_cast<size_t>(at);
  return values[low] + (values[low + 1] - values[low]) * (at - static_cast<double>(low));
}

}  // namespace

double Transfer::at(double frequency) const { return between(mtf, frequency); }
double Transfer::u_at(double frequency) const { return between(u_mtf, frequency); }

std::optional<Transfer> slanted_edge(const Patch& patch) {
  if (patch.rows < min_rows || patch.columns < min_columns) return std::nullopt;
  Rows all(patch.rows);
  std::iota(all.begin(), all.end(), size_t{0});
  Setting setting{levels_of(patch), 0};
  if (setting.levels.left == setting.levels.right) return std::nullopt;
  const auto line = line_of(patch, all, setting.levels);
  if (!line || std::abs(line->slope) * static_cast<double>(patch.rows) < 1) return std::nullopt;
  const double room = room_of(patch, *line);
  if (!(room >= 4)) return std::nullopt;
  const double rise = rise_of(spread_of(patch, all, *line, room), setting.levels);
  setting.half = std::floor(std::clamp(4 * rise, 4.0, room));

  Transfer own;
  own.slope = line->slope;
  own.mtf = *transfer_of(patch, all, setting, 1);
  own.f20 = crossing_of(own.mtf);
  own.at_least = own.f20 >= Transfer::highest_frequency;
  const auto narrower = *transfer_of(patch, all, setting, 0.75);
  std::vector<double> crossings;
  std::vector<std::vector<double>> at(frequencies);
  std::mt19937_64 generator(1);
  for (int repeat = 0; repeat < repeats; ++repeat) {
    const auto mtf = transfer_of(patch, resampled(patch.rows, generator), setting, 1);
    if (!mtf) continue;
    crossings.push_back(crossing_of(*mtf));
    for (size_t k = 0; k < frequencies; ++k) at[k].push_back((*mtf)[k]);
  }
  // What resampling moves on average is what noise moves to one side.
  own.u_f20 =
      std::hypot(2 * deviation_of(crossings), own.f20 - crossing_of(narrower), own.f20 - mean_of(crossings));
  for (size_t k = 0; k < frequencies; ++k)
    own.u_mtf.push_back(std::hypot(2 * deviation_of(at[k]), own.mtf[k] - narrower[k]));
  return own;
}

}  // namespace garita::quality
