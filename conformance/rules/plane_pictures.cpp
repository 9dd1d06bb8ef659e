#include "conformance/rules/plane_pictures.hpp"

#include <algorithm>
#include <cmath>

#include "core/normalize/canonical.hpp"
#include "core/picture/picture.hpp"

namespace garita::conformance {
namespace {

constexpr uint32_t longest_side = 900;
constexpr size_t most_looked_at = 4096;
constexpr double whole_difference = 0.05;

// value(row, column) in 0 … 1.
template <typename Value>
bool write(uint64_t rows, uint32_t columns, const std::filesystem::path& path, Value value) {
  if (rows == 0 || columns == 0) return false;
  const uint64_t step =
      std::max<uint64_t>(1, (std::max<uint64_t>(rows, columns) + longest_side - 1) / longest_side);
  picture::PngImage image;
  image.header.width = static_cast<uint32_t>((rows + step - 1) / step);
  image.header.height = static_cast<uint32_t>((columns + step - 1) / step);
  for (uint64_t column = 0; column < columns; column += step)
    for (uint64_t row = 0; row < rows; row += step)
      image.samples.push_back(static_cast<uint8_t>(std::clamp(value(row, column), 0.0, 1.0) * 255));
  return static_cast<bool>(picture::write_png(path, image));
}

std::pair<float, float> span_of(const std::vector<float>& values) {
  std::vector<float> some;
  for (size_t i = 0; i < values.size(); i += std::max<size_t>(1, values.size() / most_looked_at))
    if (std::isfinite(values[i])) some.push_back(values[i]);
  if (some.empty()) return {0.0f, 1.0f};
  std::sort(some.begin(), some.end());
  const size_t hundredth = some.size() / 100;
  return {some[hundredth], some[some.size() - 1 - hundredth]};
}

}  // namespace

bool write_picture(const DeliveredPlane& plane, const std::filesystem::path& path) {
  const auto [low, high] = span_of(plane.values);
  const double from = low, span = high > low ? static_cast<double>(high - low) : 1;
  return write(plane.rows, plane.columns, path, [&, from, span](uint64_t row, uint64_t column) {
    const auto value = static_cast<double>(plane.values[row * plane.columns + column]);
    return std::isfinite(value) ? (value - from) / span : 0;
  });
}

bool write_picture(const CanonicalPlane& plane, const std::filesystem::path& path) {
  picture::View shown;
  shown.plane = picture::plane_over(plane.values, plane.rows, plane.columns);
  picture::Request request;
  request.max_length = longest_side;
  request.furniture = false;
  const auto image = picture::render(shown, request);
  return image && picture::write_png(path, *image);
}

bool write_difference(const CanonicalPlane& a, const CanonicalPlane& b, const std::filesystem::path& path) {
  if (a.rows != b.rows || a.columns != b.columns) return false;
  return write(a.rows, a.columns, path, [&](uint64_t row, uint64_t column) {
    const size_t at = row * a.columns + column;
    const double difference =
        normalize::transmission_of(a.values[at]) - normalize::transmission_of(b.values[at]);
    return 0.5 + difference / whole_difference / 2;
  });
}

}  // namespace garita::conformance
