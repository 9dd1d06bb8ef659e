// Pictures for the eye: a canonical plane (or a dual-energy pair) → an upright picture with legend and scale.
//
// Layout. Travel runs along the picture: canonical row → x (row 0, the leading end, at the left), column 0
// (top) → y = 0. Pixels are made square in metres where both pitches are known.
//
// Size. The image area's longer side is at most max_length, its area at most 64 million pixels; area
// averaging shrinks while rows are read, so memory stays that of the picture, whatever the length of the
// scan. A scan so long that its height would fall under 96 pixels keeps 96 (the scale bar tells lengths along
// the travel). Small pictures are enlarged by a whole factor up to 8, so that single pixels can be seen and
// the legend has room.
//
// Averages are of transmission: what a coarser detector would have seen. Dead columns and lost rows are
// bridged from their neighbours, for the eye alone.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "core/base/result.hpp"
#include "core/picture/plane.hpp"
#include "core/picture/png.hpp"

namespace garita::picture {

// How transmission becomes brightness.
//   linear        black at low, white at high
//   logarithmic   the same over -ln t: shows what lies behind thick cargo
struct Window {
  enum class Scale { linear, logarithmic } scale = Scale::logarithmic;
  bool automatic = true;     // low and high from the picture: window.hpp
  double low = 0, high = 1;  // transmission, low < high; logarithmic: low is taken as at least 0.0005
  double gamma = 1;          // least_gamma … most_gamma; above 1 lifts what is dark
  bool inverse = false;      // white at low, black at high
};

inline constexpr double least_gamma = 0.2, most_gamma = 5;

enum class Colours {
  grey,
  pseudo,  // brightness as colour (colours/palette.hpp)
  dual,    // organic orange, inorganic green, metal blue, opaque dark (dual.hpp); needs a low-energy plane
};

// A part of the plane, in its own rows and columns; the picture, its window and its scale are the part's.
struct Region {
  uint64_t first_row = 0, rows = 0;
  uint32_t first_column = 0, columns = 0;
};

// What a ray's material looks like to somebody who knows the device. place: 0 organic, 1 light, 2 metal, and between.
struct MaterialLook {
  enum class Kind { untold, told, opaque } kind = Kind::untold;
  float place = 1;
};

struct Request {
  Colours colours = Colours::grey;
  Window window;
  std::optional<Region> region;  // else all of it
  uint32_t max_length = 2048;  // of the image area's longer side, 64 … 16384
  bool furniture = true;       // caption, legend and scale bar around the image area
  std::string caption;  // one line, UTF-8; accents are written as plain letters, what does not fit is cut
  std::string language = "en";  // of legend texts
  // Colours::dual by the device's own calibration: of the attenuations −ln t of the high and the low energy. Empty: by
  // curves computed for the nominal energies.
  std::function<MaterialLook(float high, float low)> material_look;
  // What a transmission is called in the legend of greys, "40" for 40 mm of steel; empty: percent.
  std::function<std::string(double transmission)> steel_label;
};

// What a view gives. low is the lower-energy plane of the same size, or absent.
struct View {
  Plane plane;
  std::optional<Plane> low;
  Masks masks;
  Geometry geometry;
  double high_energy_kev = 0, low_energy_kev = 0;  // nominal, 0 unknown: for the curves of materials
  bool transmission =
      true;  // false: the plane is something else stretched to this range; the legend has no numbers
};

// The picture, grey8 or rgb8, with what it shows written on it and in its tEXt chunks.
// Errors: picture.empty_plane, picture.region_outside {rows, columns}, picture.no_low_channel (Colours::dual without low), picture.planes_differ
// {high, low}, picture.too_large {width, height}, and what the row readers answer.
base::Result<PngImage> render(const View& view, const Request& request);

}  // namespace garita::picture
