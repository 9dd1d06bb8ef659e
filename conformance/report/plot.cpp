#include "conformance/report/plot.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "conformance/report/markup.hpp"

namespace garita::conformance {
namespace {

// Room for the largest letters, those of a narrow screen; units stand where no figure of an axis does.
constexpr double width = 640, height = 240, left = 64, right = 44, top = 34, bottom = 28;
constexpr double unit_y = 18;
constexpr int least_ticks = 3;

std::string number(double value, const char* format = "%.1f") {
  char text[32];
  std::snprintf(text, sizeof text, format, value);
  return text;
}

// 1, 2 or 5 times a power of ten, so that at least three steps fit.
double step_of(double span) {
  const double power = std::pow(10, std::floor(std::log10(span / least_ticks)));
  const double ratio = span / least_ticks / power;
  return power * (ratio >= 5 ? 5 : ratio >= 2 ? 2 : 1);
}

struct Axis {
  double low, high, from, to;
  double at(double value) const { return from + (value - low) / (high - low) * (to - from); }
};

std::string line(double x1, double y1, double x2, double y2) {
  return "<line class=\"grid\" x1=\"" + number(x1) + "\" y1=\"" + number(y1) + "\" x2=\"" + number(x2) +
         "\" y2=\"" + number(y2) + "\"/>";
}

std::string word(double x, double y, const char* anchor, const std::string& text) {
  return "<text x=\"" + number(x) + "\" y=\"" + number(y) + "\" text-anchor=\"" + anchor + "\">" +
         escaped(text) + "</text>";
}

std::string grid(const Axis& x, const Axis& y, const PlotLabels& labels) {
  std::string text;
  const double step_x = step_of(x.high - x.low), step_y = step_of(y.high - y.low);
  for (double value = std::ceil(x.low / step_x) * step_x; value <= x.high + step_x / 1e6; value += step_x)
    text += line(x.at(value), top, x.at(value), height - bottom) +
            word(x.at(value), height - bottom + 20, "middle", number(value, "%.4g"));
  for (double value = 0; value <= y.high + step_y / 1e6; value += step_y)
    text += line(left, y.at(value), width - right, y.at(value)) +
            word(left - 6, y.at(value) + 5, "end", number(value, "%.4g"));
  return text + word(width - right + 8, height - bottom - 3, "start", labels.x) +
         word(4, unit_y, "start", labels.y);
}

}  // namespace

std::string plot(const Series& series, const PlotLabels& labels) {
  if (series.points.size() < 2) return "";
  double highest = 0;
  for (const auto& [x, y] : series.points) highest = std::max(highest, y);
  const double first = series.points.front().first, last = series.points.back().first;
  if (!(last > first) || !std::isfinite(highest)) return "";
  const Axis x{first, last, left, width - right},
      y{0, highest > 0 ? highest * 1.05 : 1, height - bottom, top};
  std::string text = "<svg viewBox=\"0 0 " + number(width, "%.0f") + ' ' + number(height, "%.0f") +
                     "\" role=\"img\" aria-label=\"" + escaped(labels.title) + "\">" + grid(x, y, labels) +
                     "<polyline class=\"curve\" points=\"";
  for (const auto& [at, value] : series.points)
    if (std::isfinite(value)) text += number(x.at(at)) + ',' + number(y.at(value)) + ' ';
  return text + "\"/></svg>";
}

}  // namespace garita::conformance
