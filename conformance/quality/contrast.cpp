#include <algorithm>
#include <cmath>

#include "conformance/quality/regions.hpp"

namespace garita::quality {
namespace {

constexpr double border = 0.2;  // pixels, standard uncertainty of a length between two borders
constexpr double flat_to_normal = 1.7320508075688772;  // √3: half width of a rectangle to its deviation

size_t reached(const std::vector<Step>& steps, double threshold, double shift) {
  size_t last = 0;  // one behind the step
  for (size_t i = 1; i < steps.size(); ++i) {
    const auto clear = [&](const Step& step) { return step.bsnr.value + shift * step.bsnr.u > threshold; };
    if (clear(steps[i]) && clear(steps[i - 1])) last = i + 1;
  }
  return last;
}

double thickness(const std::vector<Step>& steps, size_t behind) {
  return behind == 0 ? 0 : steps[behind - 1].thickness_mm;
}

}  // namespace

std::optional<Value> boundary_signal_to_noise(const std::vector<Boundary>& pairs) {
  if (pairs.size() < 2) return std::nullopt;
  std::vector<double> signals;
  for (const Boundary& pair : pairs) {
    const double high = mean_of(pair.high.values);
    if (!(high > 0) || pair.low.values.empty()) return std::nullopt;
    signals.push_back(1 - mean_of(pair.low.values) / high);
  }
  const double deviation = deviation_of(signals);
  if (!(deviation > 0)) return std::nullopt;
  const double ratio = mean_of(signals) / deviation, count = static_cast<double>(signals.size());
  return Value{ratio, 2 * std::sqrt(1 / count + ratio * ratio / (2 * (count - 1)))};
}

Value penetration(const std::vector<Step>& steps, double threshold) {
  const size_t seen = reached(steps, threshold, 0);
  Value own{thickness(steps, seen), 0};
  const double up = thickness(steps, reached(steps, threshold, 1)) - own.value,
               down = own.value - thickness(steps, reached(steps, threshold, -1));
  const double gap = seen < steps.size() ? steps[seen].thickness_mm - own.value : 0;
  own.u = std::max({up, down, 2 * (gap / 2) / flat_to_normal});
  own.at_least = !steps.empty() && seen == steps.size();
  return own;
}

std::optional<Value> attenuation_ratio(const Energies& energies) {
  struct Depth {
    double value = 0, u = 0;
  };
  const auto depth = [](const Patch& behind, const Patch& open) -> std::optional<Depth> {
    const double signal = mean_of(behind.values), bright = mean_of(open.values);
    if (!(signal > 0) || !(bright > signal) || behind.values.size() < 2) return std::nullopt;
    const auto relative = [](const Patch& patch, double mean) {
      return deviation_of(patch.values) / mean / std::sqrt(static_cast<double>(patch.values.size()));
    };
    return Depth{std::log(bright / signal), 2 * std::hypot(relative(behind, signal), relative(open, bright))};
  };
  const auto high = depth(energies.high, energies.open_high), low = depth(energies.low, energies.open_low);
  if (!high || !low) return std::nullopt;
  const double ratio = low->value / high->value;
  return Value{ratio, ratio * std::hypot(high->u / high->value, low->u / low->value)};
}

double separation(const Value& a, const Value& b) {
  const double u = std::hypot(a.u, b.u) / 2;
  return u > 0 ? std::abs(a.value - b.value) / u : 0;
}

std::optional<Value> aspect(const Patch& patch, const Size& expected) {
  const auto length = [](const Patch& rows) -> std::optional<Value> {  // of the dark part, over the rows
    const auto [low, high] = std::minmax_element(rows.values.begin(), rows.values.end());
    if (*low == *high) return std::nullopt;
    const double half = (*low + *high) / 2;
    std::vector<double> lengths;
    for (size_t row = 0; row < rows.rows; ++row) {
      double first = -1, last = -1;
      for (size_t i = 0; i + 1 < rows.columns; ++i) {
        const double a = rows.at(row, i), b = rows.at(row, i + 1);
        if ((a < half) == (b < half)) continue;
        const double place = static_cast<double>(i) + (half - a) / (b - a);
        if (first < 0 && b < half) first = place;
        if (first >= 0 && b >= half) last = place;
      }
      if (last > first && first >= 0) lengths.push_back(last - first);
    }
    if (lengths.size() < 4) return std::nullopt;
    std::sort(lengths.begin(), lengths.end());  // rows that only graze a border are not its length
    const size_t part = lengths.size() / 4;
    const std::vector<double> middle(lengths.begin() + static_cast<std::ptrdiff_t>(part),
                                     lengths.end() - static_cast<std::ptrdiff_t>(part));
    const double spread = deviation_of(middle) / std::sqrt(static_cast<double>(middle.size()));
    return Value{mean_of(middle), 2 * std::hypot(spread, border)};
  };
  const auto width = length(patch), height = length(patch.turned());
  if (!width || !height || !(expected.width > 0) || !(expected.height > 0)) return std::nullopt;
  const double ratio = (height->value / expected.height) / (width->value / expected.width);
  return Value{std::abs(1 - ratio), ratio * std::hypot(width->u / width->value, height->u / height->value)};
}

}  // namespace garita::quality
