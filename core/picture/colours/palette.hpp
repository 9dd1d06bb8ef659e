// Brightness as colour. No colour here needs OpenCV: what is shown elsewhere (host/page) uses the same.
#pragma once

#include <cstdint>

namespace garita::picture {

struct Rgb {
  uint8_t red = 0, green = 0, blue = 0;
  friend bool operator==(const Rgb&, const Rgb&) = default;
};

Rgb grey(float brightness);  // 0 … 1

// From black over violet, red and orange to a warm white. Luminance rises all the way, so that what is darker
// in grey is darker here too, and eyes that tell no red from green lose nothing.
Rgb pseudo_colour(float brightness);  // 0 … 1

}  // namespace garita::picture
