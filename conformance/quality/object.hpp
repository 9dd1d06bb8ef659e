// OBJECT.toml: what the test object is and where in the image its parts lie.
//
// Places are millimetres of the object's own frame: x along the image's columns, y along its rows, downward
// or upward as the file says, tied to the image by two anchors, or by three equal dark squares that mark it.
// Rectangles are [x0, y0, x1, y1]. The full form is drawn in README.md.
#pragma once

#include <array>
#include <cmath>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "conformance/quality/patch.hpp"
#include "core/base/result.hpp"

namespace garita::quality {

struct Rectangle {
  double x0 = 0, y0 = 0, x1 = 0, y1 = 0;

  double width() const { return x1 - x0; }
  double height() const { return y1 - y0; }
};

struct Anchor {
  double x_mm = 0, y_mm = 0, column = 0, row = 0;
};

struct EdgePart {
  std::string name;
  Rectangle place;
};

struct StepPart {
  double thickness_mm = 0;
  Rectangle place;
  std::vector<Rectangle> low, high;  // pairs at the indicator's boundary; none: against the thinner step
};

struct MaterialPart {
  std::string name;
  Rectangle place;
};

struct WirePart {
  double diameter_mm = 0;
  Rectangle place;  // crossed by the wire from one side to the other, nearly upright or nearly level
};

enum class Side { left, right, top, bottom };

struct ExtentPart {
  std::vector<Side> sides;
  std::vector<double> distances_mm;  // rising
  double dynamic_range = 0;
};

struct Object {
  std::string name;
  bool y_up = false;
  std::vector<Anchor> anchors;  // two, axis by axis; the command line may replace them
  // Squares in the corner, along x from it, along y from it; the two distances differ.
  std::optional<std::array<Rectangle, 3>> marker;
  std::vector<Rectangle> open;         // open field: the first that lies in the image is taken
  std::optional<Rectangle> rectangle;  // a lone dark rectangle with what lies around it
  double rectangle_width_mm = 0, rectangle_height_mm = 0;
  std::vector<EdgePart> edges;
  std::vector<StepPart> steps;  // thin to thick
  std::vector<MaterialPart> materials;
  std::vector<WirePart> wires;  // thick to thin
  std::optional<ExtentPart> extent;
  double noise_lp_mm = 0;  // where NPS and NEQ are taken; 0: a quarter of the sampling frequency
};

inline constexpr size_t max_parts = 64, max_pairs = 16;  // of a kind; of a step

// Errors: quality.bad_object {path, what}. path is for the message alone.
base::Result<Object> parse_object(std::string_view text, const std::string& path);
base::Result<Object> read_object(const std::filesystem::path& path);

// Millimetres to pixels; pixel borders are at whole numbers.
class Frame {
 public:
  // Errors: quality.bad_anchors.
  static base::Result<Frame> from(const std::vector<Anchor>& anchors);

  bool x_reversed() const { return scale_x_ < 0; }  // x rises as columns fall
  bool y_reversed() const { return scale_y_ < 0; }
  double pitch_x_mm() const { return 1 / std::abs(scale_x_); }
  double pitch_y_mm() const { return 1 / std::abs(scale_y_); }
  // The pixels that lie wholly in the rectangle; empty where there is none. May lie outside the image.
  std::optional<Pixels> pixels(const Rectangle& place) const;

 private:
  double origin_x_ = 0, origin_y_ = 0, scale_x_ = 1, scale_y_ = 1;
};

}  // namespace garita::quality
