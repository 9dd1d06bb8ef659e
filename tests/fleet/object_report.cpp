#include "tests/fleet/object_report.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace garita::fleet {
namespace {

using sim::test_object::Feature;
constexpr uint16_t opaque = 1024;
constexpr double one = 57344;

// A place in pixels of the plane, real numbers, half-open.
struct Box {
  double row0, row1, column0, column1;
};

Box box_of(const Feature& feature, const Sight& sight) {
  const sim::Place place = sim::place_of(feature, sight.placement, sight.geometry);
  const double along = sight.geometry.pitch_along_m * 1000, across = sight.geometry.pitch_across_m * 1000;
  const double half_along = (feature.along1_mm - feature.along0_mm) / 2;
  const double half_across = (feature.across1_mm - feature.across0_mm) / 2;
  return {(place.along_mm - half_along) / along, (place.along_mm + half_along) / along,
          (place.across_mm - half_across) / across, (place.across_mm + half_across) / across};
}

// −ln t, where it can be told; 0 where nothing was measured.
double attenuation(const Plane& plane, int64_t row, int64_t column) {
  if (row < 0 || column < 0 || row >= static_cast<int64_t>(plane.rows) || column >= plane.columns) return 0;
  const auto r = static_cast<uint64_t>(row);
  const auto c = static_cast<uint32_t>(column);
  const double t = static_cast<double>(plane.t[r * plane.columns + c]);
  return plane.is_usable(r, c) ? -std::log(std::max(t, 1e-4)) : 0;
}

// A dead column among living ones would pull a middle aside: its neighbours stand in for it.
double bridged(const Plane& plane, int64_t row, int64_t column) {
  const bool inside = column > 0 && column + 1 < plane.columns;
  if (inside && plane.is_dead[static_cast<size_t>(column)] != 0)
    return (attenuation(plane, row, column - 1) + attenuation(plane, row, column + 1)) / 2;
  return attenuation(plane, row, column);
}

template <typename Visit>
void each_pixel(const Box& box, double margin, Visit visit) {
  for (auto row = static_cast<int64_t>(std::ceil(box.row0 + margin - 0.5)); row + 0.5 < box.row1 - margin;
       ++row)
    for (auto column = static_cast<int64_t>(std::ceil(box.column0 + margin - 0.5));
         column + 0.5 < box.column1 - margin; ++column)
      visit(row, column);
}

double mean_attenuation(const Plane& plane, const Box& box, double margin) {
  double sum = 0;
  uint64_t count = 0;
  each_pixel(box, margin, [&](int64_t row, int64_t column) {
    sum += bridged(plane, row, column);
    ++count;
  });
  return count == 0 ? 0 : sum / static_cast<double>(count);
}

normalize::SteelStep measure(const Plane& plane, const host::SteelPlace& place) {
  normalize::StepMeter meter(place.columns);
  std::vector<uint8_t> usable(place.columns);
  for (uint64_t row = place.first_row; row < place.first_row + place.rows && row < plane.rows; ++row) {
    for (uint32_t i = 0; i < place.columns; ++i) usable[i] = plane.is_usable(row, place.first_column + i);
    meter.add(std::span(plane.stored).subspan(row * plane.columns + place.first_column, place.columns),
              usable);
  }
  const auto step = meter.result(place.steel_mm);
  return step ? *step : normalize::SteelStep{place.steel_mm, 0, 1};
}

StepFinding step_finding(const Plane& plane, const normalize::SteelCurve& curve, const Feature& feature,
                         const Sight& sight) {
  const host::SteelPlace place = steel_place(feature, sight);
  const normalize::SteelStep step = measure(plane, place);
  StepFinding finding{feature.name, place.steel_mm, curve.steel_mm(step.transmission), 0, false};
  const double range = curve.thickest_mm();
  if (!finding.measured_mm) {  // beyond the range, give or take how well its end is known
    finding.right = finding.truth_mm > 0.9 * range;
    return finding;
  }
  finding.sigma_mm = curve.sigma_mm(step.transmission, step.sigma).value_or(0);
  const double allowed = std::max(4 * finding.sigma_mm, 1.0);
  finding.right =
      std::abs(*finding.measured_mm - finding.truth_mm) <= allowed && finding.truth_mm < 1.1 * range;
  return finding;
}

// The plate is a turned square of known side: middle from the first moments, size from the second, which do
// not care about the turn (a²/12 in every direction).
void measure_plate(const Plane& plane, const Feature& plate, const Sight& sight, ObjectReport& report) {
  const Box box = box_of(plate, sight);
  const double along_mm = sight.geometry.pitch_along_m * 1000,
               across_mm = sight.geometry.pitch_across_m * 1000;
  const double around = -std::min({3.0, 20 / along_mm, 20 / across_mm});
  double weight = 0, row_sum = 0, column_sum = 0, row_squares = 0, column_squares = 0;
  each_pixel(box, around, [&](int64_t row, int64_t column) {
    const double a = bridged(plane, row, column), r = static_cast<double>(row) + 0.5,
                 c = static_cast<double>(column) + 0.5;
    weight += a, row_sum += a * r, column_sum += a * c;
    row_squares += a * r * r, column_squares += a * c * c;
  });
  const double row = row_sum / weight, column = column_sum / weight;
  const auto extent = [&](double squares, double middle) {
    return std::sqrt(12 * std::max(0.0, squares / weight - middle * middle));
  };
  report.middle_along_px = row - (box.row0 + box.row1) / 2;
  report.middle_across_px = column - (box.column0 + box.column1) / 2;
  report.size_along_px = extent(row_squares, row) - sim::test_object::plate_side_mm / along_mm;
  report.size_across_px = extent(column_squares, column) - sim::test_object::plate_side_mm / across_mm;
}

bool marker_is_right(const Plane& plane, const std::vector<Feature>& features, const Sight& sight) {
  std::vector<const Feature*> cubes;
  for (const Feature& feature : features)
    if (feature.kind == Feature::Kind::marker) cubes.push_back(&feature);
  Feature fourth = *cubes[1];  // where a mirror image has a cube and the object has none
  fourth.across0_mm = cubes[2]->across0_mm;
  fourth.across1_mm = cubes[2]->across1_mm;
  const double margin = 0.75;
  double least = 1e9;
  for (const Feature* cube : cubes)
    least = std::min(least, mean_attenuation(plane, box_of(*cube, sight), margin));
  return least > 0.2 && mean_attenuation(plane, box_of(fourth, sight), margin) < 0.25 * least;
}

// Usable as a block: neither missing nor as dark as steel of its thickness would be.
bool block_seen(const Plane& plane, const Feature& block, const normalize::SteelCurve& curve,
                const Sight& sight) {
  const normalize::SteelStep step = measure(plane, steel_place(block, sight));
  const std::optional<double> as_steel_mm = curve.steel_mm(step.transmission);
  return as_steel_mm && *as_steel_mm > 0.5 && *as_steel_mm < 0.6 * block.thickness_mm;
}

}  // namespace

base::Result<Plane> read_plane(host::OpenPackage& package, std::string_view view, std::string_view channel) {
  const auto index = package.reader.find_plane(view, channel);
  if (!index)
    return base::Error{base::Outcome::usage,
                       "export.no_plane",
                       {{"view", std::string(view)}, {"channel", std::string(channel)}}};
  const package::PlaneInfo& info = package.reader.planes()[*index];
  Plane plane{info.rows, info.spec.columns, {}, {}, {}, {}};
  plane.stored.resize(plane.rows * plane.columns);
  GARITA_TRY(package.reader.read_rows(info, 0, plane.rows, std::as_writable_bytes(std::span(plane.stored))));
  plane.is_dead.assign(plane.columns, 1);
  plane.is_lost.assign(plane.rows, 1);
  plane.t.reserve(plane.stored.size());
  for (uint64_t row = 0; row < plane.rows; ++row)
    for (uint32_t column = 0; column < plane.columns; ++column) {
      const uint16_t stored = plane.stored[row * plane.columns + column];
      plane.t.push_back(static_cast<float>((stored - opaque) / one));
      if (stored != opaque) plane.is_dead[column] = plane.is_lost[row] = 0;
    }
  return plane;
}

host::SteelPlace steel_place(const Feature& feature, const Sight& sight, double margin_pixels) {
  const Box box = box_of(feature, sight);
  const auto low = [&](double edge) { return static_cast<int64_t>(std::ceil(edge + margin_pixels)); };
  const auto high = [&](double edge) { return static_cast<int64_t>(std::floor(edge - margin_pixels)); };
  host::SteelPlace place;
  place.first_row = static_cast<uint64_t>(std::max<int64_t>(0, low(box.row0)));
  place.rows = static_cast<uint64_t>(std::max<int64_t>(1, high(box.row1) - low(box.row0)));
  place.first_column = static_cast<uint32_t>(std::max<int64_t>(0, low(box.column0)));
  place.columns = static_cast<uint32_t>(std::max<int64_t>(1, high(box.column1) - low(box.column0)));
  const uint32_t middle = place.first_column + place.columns / 2;
  place.steel_mm = feature.thickness_mm * sight.geometry.obliquity(middle);
  return place;
}

std::vector<host::SteelPlace> wedge_places(const Sight& sight) {
  std::vector<host::SteelPlace> places;
  for (const Feature& step : sim::step_wedge::features(sight.placement.aspect))
    places.push_back(steel_place(step, sight));
  return places;
}

bool ObjectReport::steps_right() const {
  return !steps.empty() &&
         std::all_of(steps.begin(), steps.end(), [](const auto& step) { return step.right; });
}

bool ObjectReport::geometry_right() const {
  return std::max({std::abs(middle_along_px), std::abs(middle_across_px), std::abs(size_along_px),
                   std::abs(size_across_px)}) <= 0.5;
}

ObjectReport object_report(const Plane& plane, const normalize::SteelCurve& curve, const Sight& sight) {
  ObjectReport report;
  report.range_mm = curve.thickest_mm();
  const std::vector<Feature> features = sim::test_object::features(sight.placement.aspect);
  for (const Feature& feature : features) {
    if (feature.kind == Feature::Kind::step)
      report.steps.push_back(step_finding(plane, curve, feature, sight));
    if (feature.kind == Feature::Kind::plate) measure_plate(plane, feature, sight, report);
    if (feature.name == "polyethylene") report.polyethylene_seen = block_seen(plane, feature, curve, sight);
    if (feature.name == "aluminium") report.aluminium_seen = block_seen(plane, feature, curve, sight);
  }
  report.marker_right = marker_is_right(plane, features, sight);
  return report;
}

std::string table(const ObjectReport& report) {
  std::string text;
  const auto line = [&](const char* format, auto... values) {
    char buffer[160];
    std::snprintf(buffer, sizeof buffer, format, values...);
    text += buffer;
  };
  line("  range %.1f mm\n", report.range_mm);
  for (const StepFinding& step : report.steps)
    if (step.measured_mm)
      line("  %-10s %8.2f mm  measured %8.2f ± %.2f  %s\n", step.name.c_str(), step.truth_mm,
           *step.measured_mm, step.sigma_mm, step.right ? "" : "WRONG");
    else
      line("  %-10s %8.2f mm  opaque  %s\n", step.name.c_str(), step.truth_mm, step.right ? "" : "WRONG");
  line("  plate: middle %+.2f %+.2f px, size %+.2f %+.2f px (along, across)\n", report.middle_along_px,
       report.middle_across_px, report.size_along_px, report.size_across_px);
  line("  marker %s, polyethylene %s, aluminium %s\n", report.marker_right ? "right" : "WRONG",
       report.polyethylene_seen ? "seen" : "MISSED", report.aluminium_seen ? "seen" : "MISSED");
  return text;
}

}  // namespace garita::fleet
