#include "core/picture/drawing/drawing.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <opencv2/imgproc.hpp>

#include "core/base/text.hpp"
#include "core/picture/drawing/dual.hpp"
#include "core/picture/drawing/furniture.hpp"
#include "core/picture/drawing/reduce.hpp"
#include "core/picture/drawing/window.hpp"
#include "core/picture/drawing/region.hpp"
#include "garita/status.h"

namespace garita::picture {
namespace {

using base::Error;
using base::Outcome;

constexpr double max_pixels = 64e6;
constexpr int least_height = 96, least_length = 640, most_enlargement = 8;

struct Size {
  int width = 1, height = 1;  // of the image area before enlargement
  int enlargement = 1;
  double metres_per_pixel = 0;  // along x, after enlargement; 0 unknown
};

Size size_of(const Plane& plane, const Geometry& geometry, uint32_t max_length) {
  const bool known = geometry.pitch_along_m > 0 && geometry.pitch_across_m > 0;
  const double along = known ? geometry.pitch_along_m : 1, across = known ? geometry.pitch_across_m : 1;
  const double length = static_cast<double>(plane.rows) * along, height = plane.columns * across;
  const double most = std::clamp<uint32_t>(max_length, 64, 16384);
  const double pixel = std::max(
      {std::min(along, across), std::max(length, height) / most, std::sqrt(length * height / max_pixels)});
  const auto pixels = [&](double metres) {
    return static_cast<int>(std::clamp(std::round(metres / pixel), 1.0, most));
  };

  Size size;
  size.width = pixels(length);
  size.height =
      std::max(pixels(height), static_cast<int>(std::min<double>({least_height, plane.columns / 1.0, most})));
  size.enlargement =
      std::clamp(static_cast<int>(std::min<double>(least_length, most)) / std::max(size.width, size.height),
                 1, most_enlargement);
  if (geometry.pitch_along_m > 0)
    size.metres_per_pixel =
        static_cast<double>(plane.rows) * geometry.pitch_along_m / (size.width * size.enlargement);
  return size;
}

// Shrunk while it is read; stretched afterwards in the direction where pixels had to become square.
base::Result<cv::Mat1f> transmission_of(const Plane& plane, const Masks& masks, const Size& size) {
  const int width = static_cast<int>(std::min<uint64_t>(plane.rows, static_cast<uint64_t>(size.width)));
  const int height = std::min(static_cast<int>(plane.columns), size.height);
  GARITA_TRY_ASSIGN(reduced, reduce(plane, masks, width, height));
  if (width == size.width && height == size.height) return reduced;
  cv::Mat1f stretched;
  cv::resize(reduced, stretched, {size.width, size.height}, 0, 0, cv::INTER_LINEAR);
  return stretched;
}

cv::Mat1f brightness_of(const cv::Mat1f& transmission, const Window& window) {
  const Brightness brightness(window);
  cv::Mat1f result(transmission.size());
  for (int y = 0; y < result.rows; ++y)
    std::transform(transmission[y], transmission[y] + result.cols, result[y], brightness);
  return result;
}

cv::Mat3b pseudo_of(const cv::Mat1f& brightness) {
  cv::Mat3b colours(brightness.size());
  for (int y = 0; y < colours.rows; ++y)
    std::transform(brightness[y], brightness[y] + brightness.cols, colours[y],
                   [](float share) { return vec(pseudo_colour(share)); });
  return colours;
}

cv::Mat3b grey_of(const cv::Mat1f& brightness) {
  cv::Mat1b grey;
  brightness.convertTo(grey, CV_8U, 255);
  cv::Mat3b colours;
  cv::cvtColor(grey, colours, cv::COLOR_GRAY2RGB);
  return colours;
}

PngImage packed(const cv::Mat3b& page, PngKind kind) {
  PngImage image;
  image.header.width = static_cast<uint32_t>(page.cols);
  image.header.height = static_cast<uint32_t>(page.rows);
  image.header.kind = kind;
  const size_t row_bytes = static_cast<size_t>(page.cols) * sample_bytes(kind);
  image.samples.resize(row_bytes * static_cast<size_t>(page.rows));
  cv::Mat out(page.rows, page.cols, kind == PngKind::rgb8 ? CV_8UC3 : CV_8UC1, image.samples.data(),
              row_bytes);
  if (kind == PngKind::rgb8)
    page.copyTo(out);
  else
    cv::cvtColor(page, out, cv::COLOR_RGB2GRAY);
  return image;
}

base::Result<void> check(const View& view, const Request& request) {
  const auto refuse = [](const char* id, std::vector<base::Field> fields = {}) {
    return Error{Outcome::no, id, std::move(fields), GARITA_INVALID_ARGUMENT};
  };
  if (view.plane.rows == 0 || view.plane.columns == 0 || !view.plane.read)
    return refuse("picture.empty_plane");
  if (request.colours != Colours::dual) return {};
  if (!view.low) return refuse("picture.no_low_channel");
  const auto text = [](const Plane& plane) {
    return std::to_string(plane.rows) + " x " + std::to_string(plane.columns);
  };
  if (view.low->rows != view.plane.rows || view.low->columns != view.plane.columns)
    return refuse("picture.planes_differ", {{"high", text(view.plane)}, {"low", text(*view.low)}});
  return {};
}

base::Result<PngImage> drawn(const View& view, const Request& request, const Size& size) {
  GARITA_TRY_ASSIGN(high, transmission_of(view.plane, view.masks, size));
  const Window window = fitted(request.window, high);
  const cv::Mat1f brightness = brightness_of(high, window);
  cv::Mat3b image;
  if (request.colours == Colours::dual) {
    GARITA_TRY_ASSIGN(low, transmission_of(*view.low, view.masks, size));
    image = request.material_look ? colour_by_look(high, low, brightness, request.material_look)
                                  : colour_by_material(high, low, brightness,
                                                       MaterialCurves(view.high_energy_kev, view.low_energy_kev));
  } else {
    image = request.colours == Colours::pseudo ? pseudo_of(brightness) : grey_of(brightness);
  }
  if (size.enlargement > 1)
    cv::resize(image, image, {}, size.enlargement, size.enlargement, cv::INTER_NEAREST);
  if (request.furniture)
    image =
        furnish(image, {request.caption, base::language_of(request.language).value_or(base::Language::en),
                        window, request.colours == Colours::dual, request.colours == Colours::pseudo,
                        view.transmission, size.metres_per_pixel, request.steel_label,
                        static_cast<bool>(request.material_look)});
  PngImage result = packed(image, request.colours == Colours::grey ? PngKind::grey8 : PngKind::rgb8);
  result.header.metres_per_pixel_x = result.header.metres_per_pixel_y = size.metres_per_pixel;
  if (!request.caption.empty()) result.header.texts.emplace_back("Title", plain_letters(request.caption));
  return result;
}

}  // namespace

base::Result<PngImage> draw(const View& whole, const Request& request) {
  GARITA_TRY(check(whole, request));
  GARITA_TRY_ASSIGN(view, part_of(whole, request.region));
  const Size size = size_of(view.plane, view.geometry, request.max_length);
  try {
    return drawn(view, request, size);
  } catch (const std::exception&) {  // OpenCV and the heap say that there is no memory by throwing
    return Error{Outcome::not_loaded,
                 "picture.too_large",
                 {{"width", std::to_string(size.width)}, {"height", std::to_string(size.height)}},
                 GARITA_HOST_LIMIT};
  }
}

}  // namespace garita::picture
