#include "tools/garita-demo/plot.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace garita::demo {
namespace {

constexpr uint32_t width = 800, height = 240, margin = 10;
constexpr uint8_t paper = 255, ink = 60;

double sum_of(const v1::Reading& reading) { return std::accumulate(reading.values().begin(), reading.values().end(), 0.0); }

// The largest value under each column of the picture: a line of a spectrum must not vanish between two.
std::vector<double> bars_of(const v1::Reading& reading) {
  std::vector<double> bars(width - 2 * margin, 0);
  const auto count = static_cast<size_t>(reading.values_size());
  for (size_t x = 0; x < bars.size(); ++x) {
    const size_t first = x * count / bars.size(), end = std::max(first + 1, (x + 1) * count / bars.size());
    for (size_t i = first; i < std::min(end, count); ++i) bars[x] = std::max(bars[x], reading.values(static_cast<int>(i)));
  }
  return bars;
}

}  // namespace

picture::PngImage plot_readings(const v1::Inspection& record) {
  const auto& readings = record.readings();
  const auto most = std::max_element(readings.begin(), readings.end(), [](const v1::Reading& a, const v1::Reading& b) {
    return (a.values_size() > 1 ? sum_of(a) : 0) < (b.values_size() > 1 ? sum_of(b) : 0);
  });
  picture::PngImage image;
  image.header.width = width;
  image.header.height = height;
  if (most == readings.end() || most->values_size() == 0 || !(sum_of(*most) > 0)) return image;
  const std::vector<double> bars = bars_of(*most);
  const double highest = *std::max_element(bars.begin(), bars.end());
  image.samples.assign(size_t{width} * height, paper);
  for (size_t x = 0; x < bars.size(); ++x) {
    const double share = std::isfinite(bars[x] / highest) ? bars[x] / highest : 0;
    const auto length = static_cast<uint32_t>(share * (height - 2 * margin));
    for (uint32_t y = 0; y < length; ++y) image.samples[size_t{width} * (height - margin - 1 - y) + margin + x] = ink;
  }
  return image;
}

}  // namespace garita::demo
