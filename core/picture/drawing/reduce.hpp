// A plane of any length made small enough to look at, by area averaging while its rows are read.
#pragma once

#include <opencv2/core.hpp>

#include "core/base/result.hpp"
#include "core/picture/plane.hpp"

namespace garita::picture {

// Mean transmission, upright: canonical row → x, column → y. 1 ≤ width ≤ rows, 1 ≤ height ≤ columns. Memory:
// the result and two rows. Dead columns are bridged linearly from the live ones beside them; lost rows stay
// out of the means, and where a whole pixel column is lost it is bridged from its neighbours.
base::Result<cv::Mat1f> reduce(const Plane& plane, const Masks& masks, int width, int height);

}  // namespace garita::picture
