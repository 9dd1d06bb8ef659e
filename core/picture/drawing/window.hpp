// How transmission becomes brightness.
#pragma once

#include <opencv2/core.hpp>

#include "core/picture/picture.hpp"

namespace garita::picture {

// The automatic window. high: what 1 pixel in 200 exceeds, so that the open beam is white and a bright speck
// does not darken all else. low: what 1 pixel in 200 falls below; logarithmic: no less than 0.002, under
// which most detectors show noise alone, and no more than a fifth of high, so that an almost empty picture is
// not stretched into noise.
Window fitted(const Window& window, const cv::Mat1f& transmission);

// 0 black … 1 white, of a window with low and high; then its gamma, then its inverse.
class Brightness {
 public:
  explicit Brightness(const Window& window);
  float operator()(float transmission) const;
  double transmission_of(float brightness) const;  // the other way, for legends

 private:
  bool logarithmic_, inverse_;
  float low_, high_, scale_, exponent_;
};

}  // namespace garita::picture
