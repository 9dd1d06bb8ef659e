// Pictures of two energies, coloured by material (colours/materials.hpp says how).
#pragma once

#include <opencv2/core.hpp>

#include "core/picture/colours/materials.hpp"
#include "core/picture/picture.hpp"

namespace garita::picture {

inline cv::Vec3b vec(Rgb colour) { return {colour.red, colour.green, colour.blue}; }

// Both planes of one size, brightness of the high one. Places are smoothed over some 7 × 7 pixels before they
// are coloured, brightness is not: noise does not speckle, edges stay sharp.
cv::Mat3b colour_by_material(const cv::Mat1f& high, const cv::Mat1f& low, const cv::Mat1f& brightness,
                             const MaterialCurves& curves);

// The same by what somebody who knows the device says of each pair of attenuations: untold is grey, opaque is black.
cv::Mat3b colour_by_look(const cv::Mat1f& high, const cv::Mat1f& low, const cv::Mat1f& brightness,
                         const std::function<MaterialLook(float high, float low)>& look);

}  // namespace garita::picture
