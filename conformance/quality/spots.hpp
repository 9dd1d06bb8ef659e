// Compact dark spots of an image: candidates for the squares of a marker.
#pragma once

#include <vector>

#include "conformance/quality/image.hpp"

namespace garita::quality {

struct Spot {
  uint32_t row0 = 0, row1 = 0, column0 = 0, column1 = 0;  // half-open
  uint64_t area = 0;                                      // pixels
  double row = 0, column = 0;  // middle, weighted by how much is missing; pixel middles at whole numbers
  double depth = 0;            // mean of what is missing against what lies around it

  double width() const { return column1 - column0; }
  double height() const { return row1 - row0; }
};

inline constexpr size_t max_spots = 1500;

// A level that nearly no pixel exceeds: the open field, wherever it lies.
double open_level(const Image& image);

// Connected pixels below the level that fill two thirds of their rectangle, of 4 pixels or more and less than
// a sixteenth of the image, not at its border. The max_spots largest; none of an image that falls apart into
// too many pieces to be one of objects.
std::vector<Spot> dark_spots(const Image& image, double level);

}  // namespace garita::quality
