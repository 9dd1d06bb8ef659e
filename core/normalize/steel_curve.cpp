#include "core/normalize/steel_curve.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <string>
#include <utility>

#include "garita/status.h"

namespace garita::normalize {
namespace {

constexpr double boundary_sigmas = 10;  // between the last step of the range and all that is thicker
constexpr double margin_sigmas = 8;     // below the last step where nothing thicker was there
constexpr double max_transmission = 4;  // of a stored point: far above what the canonical image holds
constexpr size_t points_wanted = 240;   // < max_steel_points, first and last point and rounding included

std::string text_of(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%g", value);
  return text;
}

base::Error steel_fault(const char* id, std::vector<base::Field> fields) {
  return {base::Outcome::no, id, std::move(fields), GARITA_DATA_CORRUPT};
}

double between(const SteelStep& a, const SteelStep& b) { return std::hypot(a.sigma, b.sigma); }

base::Result<std::vector<SteelStep>> sorted(std::span<const SteelStep> given) {
  if (given.size() > max_steel_steps)
    return steel_fault("normalize.steel_too_many", {{"count", std::to_string(given.size())}});
  std::vector<SteelStep> steps(given.begin(), given.end());
  for (size_t i = 0; i < steps.size(); ++i) {
    const SteelStep& step = steps[i];
    const bool good = step.steel_mm >= 0 && step.steel_mm <= max_steel_mm &&
                      std::fabs(step.transmission) <= max_transmission && step.sigma >= 0 &&
                      step.sigma <= max_transmission;  // false for NaN
    if (!good)
      return steel_fault("normalize.steel_step",
                         {{"index", std::to_string(i)}, {"steel_mm", text_of(step.steel_mm)}});
  }
  std::sort(steps.begin(), steps.end(), [](const auto& a, const auto& b) { return a.steel_mm < b.steel_mm; });
  for (size_t i = 1; i < steps.size(); ++i)
    if (steps[i].steel_mm == steps[i - 1].steel_mm)
      return steel_fault("normalize.steel_repeated", {{"steel_mm", text_of(steps[i].steel_mm)}});
  return steps;
}

base::Error rising(const SteelStep& thin, const SteelStep& thick) {
  return steel_fault("normalize.steel_rising",
                     {{"thin_mm", text_of(thin.steel_mm)}, {"thick_mm", text_of(thick.steel_mm)}});
}

// The step stands clearly above zero and above everything thicker.
bool is_clear(const std::vector<SteelStep>& steps, size_t i) {
  const SteelStep& step = steps[i];
  if (!(step.transmission > 0 && step.transmission >= boundary_sigmas * step.sigma)) return false;
  for (size_t k = i + 1; k < steps.size(); ++k) {
    const double fall = step.transmission - steps[k].transmission;
    if (!(fall > 0 && fall >= boundary_sigmas * between(step, steps[k]))) return false;
  }
  // The thickest of all must also stand clear of the one before: else both may be the floor of scatter.
  const bool is_last = i + 1 == steps.size();
  return !is_last || i == 0 ||
         steps[i - 1].transmission - step.transmission >= boundary_sigmas * between(steps[i - 1], step);
}

// Where the range ends, in transmission: half way to what is thicker, so that neither the last step nor the
// next crosses it by noise.
double end_of_range(const std::vector<SteelStep>& steps, size_t last) {
  const SteelStep& step = steps[last];
  const double margin = margin_sigmas * step.sigma;
  double next = 0;
  for (size_t i = last + 1; i < steps.size(); ++i) next = std::max(next, steps[i].transmission);
  return step.transmission - std::min(margin, (step.transmission - next) / 2);
}

// Slopes of the monotone cubic: weighted harmonic means inside (Fritsch and Butland), the parabola's at both
// ends, held between 0 and three times the neighbouring chord.
std::vector<double> slopes_of(const std::vector<double>& x, const std::vector<double>& y) {
  const size_t n = x.size();
  std::vector<double> width(n - 1), chord(n - 1), slope(n);
  for (size_t i = 0; i + 1 < n; ++i) {
    width[i] = x[i + 1] - x[i];
    chord[i] = (y[i + 1] - y[i]) / width[i];
  }
  if (n == 2) return {chord[0], chord[0]};
  for (size_t i = 1; i + 1 < n; ++i) {
    const double before = 2 * width[i] + width[i - 1], behind = width[i] + 2 * width[i - 1];
    slope[i] = (before + behind) / (before / chord[i - 1] + behind / chord[i]);
  }
  const auto end = [](double near, double far, double chord_near, double chord_far) {
    const double parabola = ((2 * near + far) * chord_near - near * chord_far) / (near + far);
    return std::clamp(parabola, 0.0, 3 * chord_near);
  };
  slope[0] = end(width[0], width[1], chord[0], chord[1]);
  slope[n - 1] = end(width[n - 2], width[n - 3], chord[n - 2], chord[n - 3]);
  return slope;
}

double hermite(double width, double y0, double y1, double slope0, double slope1, double share) {
  const double s = share, s2 = s * s, s3 = s2 * s;
  return (2 * s3 - 3 * s2 + 1) * y0 + (s3 - 2 * s2 + s) * width * slope0 + (3 * s2 - 2 * s3) * y1 +
         (s3 - s2) * width * slope1;
}

// The points of the cubic through the steps, and past the last one straight on to end_transmission.
std::vector<SteelPoint> sampled(const std::vector<SteelStep>& steps, double end_transmission) {
  std::vector<double> x, y;
  for (const SteelStep& step : steps) {
    x.push_back(-std::log(step.transmission));
    y.push_back(step.steel_mm);
  }
  const std::vector<double> slope = slopes_of(x, y);
  const auto sigma_at = [&](size_t i) { return steps[i].sigma / steps[i].transmission * slope[i]; };
  const size_t pieces = std::clamp<size_t>(points_wanted / (steps.size() - 1), 2, 32);
  std::vector<SteelPoint> points = {{steps[0].transmission, y[0], sigma_at(0)}};
  for (size_t i = 0; i + 1 < steps.size(); ++i)
    for (size_t k = 1; k <= pieces; ++k) {
      const double share = static_cast<double>(k) / static_cast<double>(pieces), width = x[i + 1] - x[i];
      const bool is_step = k == pieces;
      points.push_back({is_step ? steps[i + 1].transmission : std::exp(-(x[i] + share * width)),
                        is_step ? y[i + 1] : hermite(width, y[i], y[i + 1], slope[i], slope[i + 1], share),
                        std::hypot((1 - share) * sigma_at(i), share * sigma_at(i + 1))});
    }
  const SteelPoint last = points.back();
  if (end_transmission < last.transmission)
    points.push_back({end_transmission,
                      last.steel_mm + slope.back() * std::log(last.transmission / end_transmission),
                      last.sigma_mm});
  return points;
}

}  // namespace

base::Result<SteelCurve> SteelCurve::fit(std::span<const SteelStep> given) {
  GARITA_TRY_ASSIGN(steps, sorted(given));
  if (steps.empty() || steps.front().steel_mm > 0) steps.insert(steps.begin(), SteelStep{0, 1, 0});
  for (size_t i = 1; i < steps.size(); ++i)
    if (steps[i].transmission - steps[i - 1].transmission > boundary_sigmas * between(steps[i], steps[i - 1]))
      return rising(steps[i - 1], steps[i]);
  size_t last = steps.size() - 1;
  while (last > 0 && !is_clear(steps, last)) --last;
  if (last < 2) return steel_fault("normalize.steel_too_few", {{"count", std::to_string(last)}});
  const double end = end_of_range(steps, last);
  steps.resize(last + 1);
  for (size_t i = 1; i < steps.size(); ++i)
    if (!(steps[i].transmission < steps[i - 1].transmission)) return rising(steps[i - 1], steps[i]);
  return from_points(sampled(steps, end));
}

base::Result<SteelCurve> SteelCurve::from_points(std::vector<SteelPoint> points) {
  const auto wrong = [](size_t index) {
    return steel_fault("normalize.steel_stored", {{"index", std::to_string(index)}});
  };
  if (points.size() < 2 || points.size() > max_steel_points) return wrong(points.size());
  if (points[0].steel_mm != 0) return wrong(0);
  for (size_t i = 0; i < points.size(); ++i) {
    const SteelPoint& point = points[i];
    const bool good = point.transmission > 0 && point.transmission <= max_transmission &&
                      point.steel_mm <= 2 * max_steel_mm && point.sigma_mm >= 0 &&
                      point.sigma_mm <= max_steel_mm;
    const bool follows = i == 0 || (point.transmission < points[i - 1].transmission &&
                                    point.steel_mm > points[i - 1].steel_mm);
    if (!good || !follows) return wrong(i);
  }
  return SteelCurve(std::move(points));
}

// The piece that begins at or before; transmission lies within the range.
size_t SteelCurve::segment_of(double transmission) const {
  const auto behind = std::partition_point(points_.begin(), points_.end(), [&](const SteelPoint& point) {
    return point.transmission > transmission;
  });
  const auto at = static_cast<size_t>(behind - points_.begin());
  return std::clamp<size_t>(at, 1, points_.size() - 1) - 1;
}

std::optional<double> SteelCurve::steel_mm(double transmission) const {
  if (!(transmission >= min_transmission())) return std::nullopt;
  if (transmission >= points_.front().transmission) return 0;
  const size_t i = segment_of(transmission);
  const SteelPoint &a = points_[i], &b = points_[i + 1];
  const double share = std::log(a.transmission / transmission) / std::log(a.transmission / b.transmission);
  return a.steel_mm + share * (b.steel_mm - a.steel_mm);
}

std::optional<double> SteelCurve::sigma_mm(double transmission, double sigma) const {
  if (!(transmission >= min_transmission()) || !(sigma >= 0)) return std::nullopt;
  const size_t i = segment_of(std::min(transmission, points_.front().transmission));
  const SteelPoint &a = points_[i], &b = points_[i + 1];
  const double mm_a_neper = (b.steel_mm - a.steel_mm) / std::log(a.transmission / b.transmission);
  return std::hypot(mm_a_neper * sigma / transmission, std::max(a.sigma_mm, b.sigma_mm));
}

std::optional<double> SteelCurve::transmission_of(double steel_mm) const {
  if (!(steel_mm >= 0 && steel_mm <= thickest_mm())) return std::nullopt;
  const auto behind = std::partition_point(
      points_.begin(), points_.end(), [&](const SteelPoint& point) { return point.steel_mm < steel_mm; });
  const size_t i =
      std::clamp<size_t>(static_cast<size_t>(behind - points_.begin()), 1, points_.size() - 1) - 1;
  const SteelPoint &a = points_[i], &b = points_[i + 1];
  const double share = (steel_mm - a.steel_mm) / (b.steel_mm - a.steel_mm);
  return a.transmission * std::pow(b.transmission / a.transmission, share);
}

// ---- Measuring a step

namespace {

double mean_of(double sum, uint64_t count) { return sum / static_cast<double>(count); }

}  // namespace

void StepMeter::add(std::span<const uint16_t> row, std::span<const uint8_t> is_usable) {
  per_column_.resize(columns_);
  Sums of_row;
  for (size_t i = 0; i < std::min<size_t>(row.size(), columns_); ++i) {
    if (i < is_usable.size() && !is_usable[i]) continue;
    const double t = normalize::transmission_of(row[i]);
    ++of_row.count;
    of_row.sum += t;
    squares_ += t * t;
    ++per_column_[i].count;
    per_column_[i].sum += t;
  }
  if (of_row.count == 0) return;
  count_ += of_row.count;
  sum_ += of_row.sum;
  per_row_.push_back(of_row);
}

base::Result<SteelStep> StepMeter::result(double steel_mm) const {
  constexpr uint64_t fewest = 16;
  if (count_ < fewest || per_row_.size() < 2)
    return steel_fault("normalize.steel_no_samples",
                       {{"steel_mm", text_of(steel_mm)}, {"count", std::to_string(count_)}});
  const double mean = mean_of(sum_, count_), n = static_cast<double>(count_);
  const double pixel_variance = std::max(0.0, (squares_ - n * mean * mean) / (n - 1));
  const auto of_means = [&](const std::vector<Sums>& groups) {
    double sum = 0;
    size_t used = 0;
    for (const Sums& group : groups) {
      if (group.count == 0) continue;
      const double away = mean_of(group.sum, group.count) - mean;
      sum += away * away;
      ++used;
    }
    return used < 2 ? 0 : sum / static_cast<double>(used - 1) / static_cast<double>(used);
  };
  const double variance = std::max({pixel_variance / n, of_means(per_row_), of_means(per_column_)});
  return SteelStep{steel_mm, mean, std::sqrt(variance)};
}

}  // namespace garita::normalize
