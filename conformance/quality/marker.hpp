// Finds the three squares that mark an object, and with them where it lies, how large a pixel is, and whether
// the image is a mirror image.
//
// The squares stand alone before a brighter background. Whatever the thresholds: connected dark pixels are
// collected, those that fill their own rectangle are candidates, and of all triples the one that is most like
// the marker is taken: a corner with one neighbour along each axis, all as large as the distances between
// them say. The two distances differ, so that an image with its axes exchanged is not taken for another.
#pragma once

#include "conformance/quality/object.hpp"

namespace garita::quality {

struct Registration {
  Frame frame;
  // Expanded (k = 2): a detector may take a border for anywhere within its pixel, which leaves 0.41 pixel for
  // the middle between two of them; or what the squares stand out of line, where that is more.
  double u_pitch_x_mm = 0, u_pitch_y_mm = 0;
  bool x_mirrored = false, y_mirrored = false;  // against what the object says; both: turned by half a turn

  bool mirrored() const { return x_mirrored != y_mirrored; }
};

// The object has a marker. Errors: quality.no_marker.
base::Result<Registration> find_marker(const Image& image, const Object& object);

}  // namespace garita::quality
