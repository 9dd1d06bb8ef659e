// What one package says of the common test object (tools/garita-sim/physics/test_object.hpp), held against
// what the object is: the same for every family of scanner.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"
#include "core/host/open_package.hpp"
#include "core/host/steel_calibration.hpp"
#include "tools/garita-sim/scenes.hpp"

namespace garita::fleet {

// A canonical plane as transmissions, rows from the front, columns from top or left; NaN where nothing was
// measured.
struct Plane {
  uint64_t rows = 0;
  uint32_t columns = 0;
  std::vector<float> t;
  std::vector<uint16_t> stored;

  bool is_usable(uint64_t row, uint32_t column) const { return !is_dead[column] && !is_lost[row]; }
  std::vector<uint8_t> is_dead;  // a flag a column
  std::vector<uint8_t> is_lost;  // a flag a row
};
base::Result<Plane> read_plane(host::OpenPackage& package, std::string_view view, std::string_view channel);

// How a device saw the object: its geometry is the test's own knowledge, not the record's.
struct Sight {
  sim::Geometry geometry;
  sim::Placement placement;
};

// Where a feature lies in the plane, shrunk by a margin of pixels on all sides. mm are truth, pitch the
// sight's.
host::SteelPlace steel_place(const sim::test_object::Feature& feature, const Sight& sight,
                             double margin_pixels = 1.5);

// The wedge's steps in that view, for host::calibrate_steel.
std::vector<host::SteelPlace> wedge_places(const Sight& sight);

struct StepFinding {
  std::string name;
  double truth_mm = 0;                // along the ray
  std::optional<double> measured_mm;  // nullopt: opaque
  double sigma_mm = 0;
  // Right: within max(4 sigma, 1 mm), or opaque and truly beyond the range.
  bool right = false;
};

struct ObjectReport {
  std::vector<StepFinding> steps;
  double range_mm = 0;  // of the curve
  // The plate's middle and size against the truth, in pixels, along and across.
  double middle_along_px = 0, middle_across_px = 0, size_along_px = 0, size_across_px = 0;
  bool marker_right = false;  // three cubes where they are, and none where a mirror would put one
  bool polyethylene_seen = false, aluminium_seen = false;

  bool steps_right() const;
  bool geometry_right() const;  // all within half a pixel
  bool right() const {
    return steps_right() && geometry_right() && marker_right && polyethylene_seen && aluminium_seen;
  }
};

ObjectReport object_report(const Plane& plane, const normalize::SteelCurve& curve, const Sight& sight);

// For a person: one line a finding.
std::string table(const ObjectReport& report);

}  // namespace garita::fleet
