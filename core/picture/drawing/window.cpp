#include "core/picture/drawing/window.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

namespace garita::picture {
namespace {

constexpr double darkest_logarithmic = 0.0005;

// A sample of the pixels is enough, and keeps a large picture fast.
std::vector<float> sample_of(const cv::Mat1f& image) {
  const size_t step = std::max<size_t>(1, image.total() / 100'000);
  std::vector<float> sample;
  for (size_t i = 0; i < image.total(); i += step)
    sample.push_back(image(static_cast<int>(i / static_cast<size_t>(image.cols)),
                           static_cast<int>(i % static_cast<size_t>(image.cols))));
  return sample;
}

float quantile(std::vector<float>& values, double share) {
  const auto at = static_cast<ptrdiff_t>(share * static_cast<double>(values.size() - 1));
  std::nth_element(values.begin(), values.begin() + at, values.end());
  return values[static_cast<size_t>(at)];
}

}  // namespace

Window fitted(const Window& window, const cv::Mat1f& transmission) {
  if (!window.automatic || transmission.empty()) return window;
  std::vector<float> values = sample_of(transmission);
  Window fit = window;
  fit.automatic = false;
  fit.high = std::clamp<double>(quantile(values, 0.995), 0.02, 1.2);
  fit.low = quantile(values, 0.005);
  if (window.scale == Window::Scale::logarithmic)
    fit.low = std::clamp(fit.low, 0.002, fit.high / 5);
  else
    fit.low = std::clamp(fit.low, -0.02, fit.high * 0.9);
  return fit;
}

Brightness::Brightness(const Window& window)
    : logarithmic_(window.scale == Window::Scale::logarithmic),
      inverse_(window.inverse),
      exponent_(static_cast<float>(1 / std::clamp(window.gamma, least_gamma, most_gamma))) {
  const double low = logarithmic_ ? std::max(window.low, darkest_logarithmic) : window.low;
  const double high = std::max(window.high, low * 1.0001 + 1e-6);
  low_ = static_cast<float>(low);
  high_ = static_cast<float>(high);
  scale_ = static_cast<float>(1 / (logarithmic_ ? std::log(high / low) : high - low));
}

float Brightness::operator()(float transmission) const {
  const float inside = std::clamp(transmission, low_, high_);
  float share = logarithmic_ ? std::log(inside / low_) * scale_ : (inside - low_) * scale_;
  if (exponent_ != 1) share = std::pow(std::clamp(share, 0.0F, 1.0F), exponent_);
  return inverse_ ? 1 - share : share;
}

double Brightness::transmission_of(float brightness) const {
  const double share = std::pow(std::clamp(inverse_ ? 1 - brightness : brightness, 0.0F, 1.0F), 1 / exponent_);
  return logarithmic_ ? low_ * std::exp(share / scale_) : low_ + share / scale_;
}

}  // namespace garita::picture
