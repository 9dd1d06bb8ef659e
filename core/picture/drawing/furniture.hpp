// What stands around a picture: a caption above, legend and scale bar below.
#pragma once

#include <functional>
#include <opencv2/core.hpp>
#include <string>
#include <string_view>

#include "core/base/text.hpp"
#include "core/picture/drawing/window.hpp"

namespace garita::picture {

// Letters of OpenCV's line font: accents fall away ("México" → "Mexico"), signs become their nearest ("µ" →
// "u", "·" → "-"), what has no likeness "?".
std::string plain_letters(std::string_view utf8);

struct Furniture {
  std::string caption;
  base::Language language = base::Language::en;
  Window window;                // what grey means; for the legend's ticks
  bool materials = false;       // the legend of materials instead of grey
  bool pseudo = false;          // the ramp in pseudo-colour
  bool transmission = true;     // false: the ramp has no numbers
  double metres_per_pixel = 0;  // along x; 0: no scale bar
  std::function<std::string(double)> steel_label;  // of Request
  bool calibrated = false;  // materials by the device's own curves: what they do not tell is in the legend too
};

// image: RGB. The result is at least 640 pixels wide.
cv::Mat3b furnish(const cv::Mat3b& image, const Furniture& furniture);

// 1, 2 or 5 times a power of ten, the largest that is at most `most`.
double round_length(double most);

}  // namespace garita::picture
