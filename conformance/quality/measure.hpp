// All that an object lets be measured of an image.
#pragma once

#include <string>
#include <vector>

#include "conformance/quality/edge.hpp"
#include "conformance/quality/figure.hpp"
#include "conformance/quality/marker.hpp"
#include "conformance/quality/wire.hpp"

namespace garita::quality {

struct Curve {
  std::string name;  // of the edge
  char axis = 'x';   // along which it resolves
  Transfer transfer;
  double pitch_mm = 0;
};

struct NoiseCurve {
  char axis = 'x';
  std::vector<double> lp_mm;
  std::vector<Value> power;  // signal² · mm
};

// Where something was measured, for the picture.
struct Region {
  enum class Kind { open, edge, step, material, wire, rectangle, marker } kind = Kind::open;
  Pixels place;
};

// How the object was found in the image.
struct Placement {
  bool by_marker = false;  // else by anchors
  double pitch_x_mm = 0, pitch_y_mm = 0;
  bool x_mirrored = false, y_mirrored = false;  // against the object's own description
};

struct Measured {
  std::vector<Figure> figures;
  std::vector<std::string> not_measured;  // figures that the object names and the image does not give
  Placement placement;
  std::vector<Curve> curves;
  std::vector<NoiseCurve> noise;
  std::vector<Step> steps;
  double bsnr_threshold = 0;
  std::vector<Region> regions;
};

struct Thresholds {
  double bsnr = 1.97;  // above which a step counts as seen (ANSI N42.55)
  double wire = usual_wire_signal;
};

// low: the plane of the low energy, as large as image; nullptr where there is none. Errors:
// quality.bad_anchors, quality.no_marker, quality.off_image {part}, quality.part_too_large {part},
// quality.planes_differ.
base::Result<Measured> measure(const Image& image, const Image* low, const Object& object,
                               const Thresholds& thresholds = {});

}  // namespace garita::quality
