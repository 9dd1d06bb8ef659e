// Pictures for the eye: a canonical plane (or a dual-energy pair) → an upright picture with legend and scale.
//
// Layout. Travel runs along the picture: canonical row → x (row 0, the leading end, at the left), column 0 (top) → y = 0.
// Pixels are made square in metres where both pitches are known.
//
// Size. The longer side of the image area is at most max_length; area averaging shrinks while rows are read, so memory
// stays that of the picture and one row whatever the length of the scan. Nothing is enlarged but to make pixels square
// and to give thin scans a readable height (at most 8 times, by nearest-neighbour).
//
// Averaging is over transmission (what a coarser detector would have seen). Dead columns and lost rows do not take part
// in averages; where nothing is left they are bridged from their neighbours.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "core/picture/plane.hpp"
#include "core/picture/png.hpp"

namespace garita::picture {

// How transmission becomes brightness.
//   linear        black at low, white at high
//   logarithmic   the same over -ln t: shows what lies behind thick cargo
struct Window {
  enum class Scale { linear, logarithmic } scale = Scale::logarithmic;
  bool automatic = true;         // low and high from the picture: see auto_window
  double low = 0, high = 1;      // transmission, low < high
};

enum class Colours {
  grey,
  dual,  // organic orange, inorganic green, metal blue, opaque dark; needs a low-energy plane
};

struct Request {
  Colours colours = Colours::grey;
  Window window;
  uint32_t max_length = 2048;  // of the image area's longer side, 64 … 16384
  bool furniture = true;       // caption, legend and scale bar around the image area
  std::string caption;         // one line, UTF-8; accents are written as plain letters
  std::string language = "en"; // of legend texts
};

// What a view gives. low is the lower-energy plane of the same size, or absent.
struct View {
  Plane plane;
  std::optional<Plane> low;
  Masks masks;
  Geometry geometry;
};

// An RGB or grey picture with what it shows written on it.
// Errors: picture.empty_plane, picture.no_low_channel (Colours::dual without low), picture.planes_differ, and what the
// row readers answer.
base::Result<PngImage> render(const View& view, const Request& request);

}  // namespace garita::picture
