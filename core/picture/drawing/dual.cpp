#include "core/picture/drawing/dual.hpp"

#include <opencv2/imgproc.hpp>

namespace garita::picture {
namespace {

constexpr float floor_t = 0.0005F;  // -ln of less is noise

// -ln t, smoothed. Most of it after the logarithm: two materials side by side then mix along the line between
// them, and edges get no rim of a third one. The little before it keeps noise at thick places from bending
// the logarithm.
cv::Mat1f smooth_attenuation(const cv::Mat1f& transmission) {
  cv::Mat1f attenuation;
  cv::blur(transmission, attenuation, {3, 3});
  cv::log(cv::max(attenuation, floor_t), attenuation);
  cv::blur(-attenuation, attenuation, {7, 7});
  return attenuation;
}

}  // namespace

cv::Mat3b colour_by_material(const cv::Mat1f& high, const cv::Mat1f& low, const cv::Mat1f& brightness,
                             const MaterialCurves& curves) {
  const cv::Mat1f high_attenuation = smooth_attenuation(high), low_attenuation = smooth_attenuation(low);
  cv::Mat1f places(high.size());
  for (int y = 0; y < high.rows; ++y)
    for (int x = 0; x < high.cols; ++x)
      places(y, x) = curves.place(high_attenuation(y, x), low_attenuation(y, x));
  for (int i = 0; i < 3; ++i)
    cv::medianBlur(places, places, 5);  // OpenCV's largest for floats, so three times
  cv::Mat3b colours(high.size());
  for (int y = 0; y < high.rows; ++y)
    for (int x = 0; x < high.cols; ++x) {
      const float certainty = material_certainty(high_attenuation(y, x));
      colours(y, x) = vec(material_colour(brightness(y, x), places(y, x), certainty));
    }
  return colours;
}

cv::Mat3b colour_by_look(const cv::Mat1f& high, const cv::Mat1f& low, const cv::Mat1f& brightness,
                         const std::function<MaterialLook(float high, float low)>& look) {
  using Kind = MaterialLook::Kind;
  const cv::Mat1f high_attenuation = smooth_attenuation(high), low_attenuation = smooth_attenuation(low);
  cv::Mat1f places(high.size());
  cv::Mat1b kinds(high.size());
  for (int y = 0; y < high.rows; ++y)
    for (int x = 0; x < high.cols; ++x) {
      const MaterialLook seen = look(high_attenuation(y, x), low_attenuation(y, x));
      places(y, x) = seen.place;
      kinds(y, x) = static_cast<uchar>(seen.kind);
    }
  cv::medianBlur(places, places, 5);
  cv::Mat3b colours(high.size());
  for (int y = 0; y < high.rows; ++y)
    for (int x = 0; x < high.cols; ++x) {
      const auto kind = static_cast<Kind>(kinds(y, x));
      const float bright = kind == Kind::opaque ? 0.0F : brightness(y, x);
      colours(y, x) = vec(material_colour(bright, places(y, x), kind == Kind::told ? 1.0F : 0.0F));
    }
  return colours;
}

}  // namespace garita::picture
