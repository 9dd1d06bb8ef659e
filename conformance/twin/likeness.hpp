// Is this plane that truth? And if not: is it the truth mirrored, moved, turned round, or with its channels
// exchanged?
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "conformance/twin/scene.hpp"
#include "conformance/twin/settings.hpp"

namespace garita::conformance {

// Transmissions, rows along the travel, columns from top or left.
struct TruePlane {
  uint32_t rows = 0, columns = 0;
  std::vector<float> t;
  float at(uint32_t row, uint32_t column) const { return t[size_t{row} * columns + column]; }
};

TruePlane plane_of(const Scene& scene, uint32_t channel);

struct Unlike {
  // What it is instead: "size", "columns_mirrored", "rows_mirrored", "turned", "channels_swapped", "shifted",
  // "inverted", or "values": none of these.
  std::string how;
  uint32_t channel = 0, row = 0, column = 0;  // where it is farthest off
  double expected = 0, seen = 0;              // there
  double share = 0;                           // of pixels beyond the tolerance, 0 … 1
};

// One plane a channel on both sides. nullopt: every pixel within tolerance.
std::optional<Unlike> compare(const std::vector<TruePlane>& truth, const std::vector<TruePlane>& seen,
                              double tolerance);

// Looks for the object wherever it stands in the plane, upright and in its three mirrored ways.
struct ObjectFound {
  double likeness = 0;           // correlation of the best upright place, -1 … 1
  uint32_t row = 0, column = 0;  // of that place
  std::string
      how;  // empty: upright is the best; else "columns_mirrored", "rows_mirrored", "turned", or "absent"
  std::string step;  // the first step that lets more through than a thinner one; empty: none
  std::vector<double>
      steps;  // mean transmission of each steel step, the thinnest first; none where it is absent
};

ObjectFound find_object(const ObjectSettings& object, const TruePlane& seen);

// In another channel of the same view: upright, where it was found, give or take a few pixels; else "absent".
ObjectFound find_object_there(const ObjectSettings& object, const TruePlane& seen, const ObjectFound& there);

// Does the plane of the lower energy show steel darker than that of the higher one? No: the two are
// exchanged, or one stands in for the other. Steel absorbs less and less from 100 keV to about 8 MeV (NIST
// XCOM, iron), so the steps that neither the noise nor the dark decides (5 to 95 % of the open beam at the
// higher energy) are darker on the whole.
bool is_darker(const ObjectFound& lower, const ObjectFound& higher);

}  // namespace garita::conformance
