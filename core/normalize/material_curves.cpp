#include "core/normalize/material_curves.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "garita/status.h"

namespace garita::normalize {
namespace {

constexpr double known_to = 0.05;       // σ of R over R, of a step that is used
constexpr double apart_sigmas = 3;      // between two curves, of both together
constexpr double least_apart = 0.003;   // in -ln t_low: less is what the air of a device drifts by
constexpr double max_attenuation = 12;  // e⁻¹² is below one count of any detector
constexpr double max_ratio = 20;
constexpr int places_between = 4;  // where curves are held against each other between two points
constexpr std::string_view names[] = {"organic", "light", "metal"};

base::Error material_fault(const char* id, std::vector<base::Field> fields = {}) {
  return {base::Outcome::no, id, std::move(fields), GARITA_DATA_CORRUPT};
}

bool is_possible(double transmission, double sigma) {
  return std::isfinite(transmission) && std::fabs(transmission) <= 4 && sigma >= 0 && sigma <= 4;
}

// nullopt: too thin or too dark for its R to be known.
std::optional<RatioPoint> point_of(const MaterialStep& step) {
  if (!(step.high > 0 && step.low > 0 && step.high < 1 && step.low < 1)) return std::nullopt;
  const double a = -std::log(step.high), b = -std::log(step.low);
  const double ratio = b / a;
  const double share = std::hypot(step.high_sigma / (step.high * a), step.low_sigma / (step.low * b));
  if (!(share <= known_to) || a > max_attenuation || ratio > max_ratio) return std::nullopt;
  return RatioPoint{a, ratio, ratio * share};
}

bool is_sound(const std::vector<RatioPoint>& points) {
  if (points.size() < 2 || points.size() > max_ratio_points) return false;
  for (size_t i = 0; i < points.size(); ++i) {
    const RatioPoint& point = points[i];
    const bool good = point.attenuation > 0 && point.attenuation <= max_attenuation && point.ratio > 0 &&
                      point.ratio <= max_ratio && point.sigma >= 0 && point.sigma <= max_ratio;
    if (!good || (i > 0 && !(point.attenuation > points[i - 1].attenuation))) return false;
  }
  return true;
}

// Where all three were measured, and so closely that no bend of a curve is missed.
std::vector<double> common_places(const MaterialCurves::Points& points) {
  double first = 0, last = max_attenuation;
  std::vector<double> places;
  for (const auto& curve : points) {
    first = std::max(first, curve.front().attenuation);
    last = std::min(last, curve.back().attenuation);
    for (const RatioPoint& point : curve) places.push_back(point.attenuation);
  }
  std::erase_if(places, [&](double place) { return place < first || place > last; });
  std::sort(places.begin(), places.end());
  std::vector<double> all;
  for (size_t i = 0; i < places.size(); ++i) {
    for (int k = 1; i > 0 && k < places_between; ++k)
      all.push_back(places[i - 1] + (places[i] - places[i - 1]) * k / places_between);
    all.push_back(places[i]);
  }
  return all;
}

RatioPoint on_curve(const std::vector<RatioPoint>& points, double attenuation) {
  const auto behind =
      std::partition_point(points.begin() + 1, points.end() - 1,
                           [&](const RatioPoint& point) { return point.attenuation < attenuation; });
  const RatioPoint &b = *behind, &a = *(behind - 1);
  const double share = (attenuation - a.attenuation) / (b.attenuation - a.attenuation);
  return {attenuation, a.ratio + share * (b.ratio - a.ratio), std::max(a.sigma, b.sigma)};
}

}  // namespace

std::string_view name(Material material) { return names[static_cast<size_t>(material)]; }

std::optional<Material> material_of(std::string_view wanted) {
  const auto found = std::find(std::begin(names), std::end(names), wanted);
  if (found == std::end(names)) return std::nullopt;
  return static_cast<Material>(found - std::begin(names));
}

base::Result<MaterialCurves> MaterialCurves::fit(std::span<const MaterialStep> steps) {
  if (steps.size() > material_count * max_ratio_points)
    return material_fault("normalize.material_too_many", {{"count", std::to_string(steps.size())}});
  Points points;
  for (size_t i = 0; i < steps.size(); ++i) {
    const MaterialStep& step = steps[i];
    const bool good = static_cast<size_t>(step.material) < material_count &&
                      is_possible(step.high, step.high_sigma) && is_possible(step.low, step.low_sigma);
    if (!good) return material_fault("normalize.material_step", {{"index", std::to_string(i)}});
    if (const auto point = point_of(step)) points[static_cast<size_t>(step.material)].push_back(*point);
  }
  for (size_t m = 0; m < material_count; ++m) {
    std::sort(points[m].begin(), points[m].end(),
              [](const RatioPoint& a, const RatioPoint& b) { return a.attenuation < b.attenuation; });
    if (!is_sound(points[m]))
      return material_fault("normalize.material_too_few", {{"material", std::string(names[m])}});
  }
  return from_points(std::move(points));
}

base::Result<MaterialCurves> MaterialCurves::from_points(Points points) {
  if (!std::all_of(points.begin(), points.end(), is_sound))
    return material_fault("normalize.material_stored");
  MaterialCurves curves(std::move(points));
  if (!curves.find_range()) return material_fault("normalize.material_not_apart");
  return curves;
}

MaterialCurves::Ratios MaterialCurves::at(double attenuation) const {
  Ratios ratios{};
  for (size_t m = 0; m < material_count; ++m) {
    const RatioPoint point = on_curve(points_[m], attenuation);
    ratios.ratio[m] = point.ratio, ratios.sigma[m] = point.sigma;
  }
  return ratios;
}

// metal_is_low: as at megavolts; at kilovolts its ratio is the highest.
bool MaterialCurves::are_apart(double attenuation, bool metal_is_low) const {
  const Ratios here = at(attenuation);
  for (size_t m = 0; m + 1 < material_count; ++m) {
    const double fall = (here.ratio[m] - here.ratio[m + 1]) * (metal_is_low ? 1 : -1);
    if (!(fall * attenuation >= least_apart &&
          fall >= apart_sigmas * std::hypot(here.sigma[m], here.sigma[m + 1])))
      return false;
  }
  return true;
}

// The longest stretch of a where the curves stand apart, always in the same order.
bool MaterialCurves::find_range() {
  const std::vector<double> places = common_places(points_);
  for (const bool metal_is_low : {true, false}) {
    size_t begin = 0;
    for (size_t i = 0; i < places.size(); ++i) {
      if (!are_apart(places[i], metal_is_low))
        begin = i + 1;
      else if (places[i] - places[begin] > last_ - first_)
        first_ = places[begin], last_ = places[i];
    }
  }
  return last_ > first_;
}

Told MaterialCurves::tell(double high, double low) const {
  if (!(high >= opaque_transmission)) return {std::isnan(high) ? Told::Kind::untold : Told::Kind::opaque, 1};
  if (!(low > 0)) return {};
  return tell_attenuation(-std::log(high), -std::log(low));
}

Told MaterialCurves::tell_attenuation(double high, double low) const {
  static const double opaque = -std::log(opaque_transmission);
  if (high > opaque) return {Told::Kind::opaque, 1};
  if (!std::isfinite(high) || !std::isfinite(low) || high <= 0) return {};
  const Ratios here = at(std::clamp(high, first_, last_));
  const double ratio = low / high;
  const auto& [organic, light, metal] = here.ratio;
  const double to_metal = (ratio - light) / (metal - light), to_light = (ratio - organic) / (light - organic);
  const double place = std::clamp(to_metal > 0 ? 1 + to_metal : to_light, -0.5, 2.5);
  if (high < first_ || high > last_) return {Told::Kind::untold, place};
  return {place < 0.5 ? Told::Kind::organic : place < 1.5 ? Told::Kind::light : Told::Kind::metal, place};
}

}  // namespace garita::normalize
