// A small line plot as SVG: made for a page, not for a file; colours come from the page's style.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace garita::conformance {

struct Series {
  std::vector<std::pair<double, double>> points;  // x rising
};

struct PlotLabels {
  std::string x, y;   // "s", "ms": beside the axes' ends
  std::string title;  // what a screen reader says
};

// Empty where there are not two points. y begins at 0.
std::string plot(const Series& series, const PlotLabels& labels);

}  // namespace garita::conformance
