// A sheet of pixels with lines, bands and numbers on it.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/picture/png.hpp"

namespace garita::quality {

using Colour = std::array<uint8_t, 3>;

struct Point {
  double x = 0, y = 0;  // pixels from the upper left corner; what lies outside is not drawn
};

class Canvas {
 public:
  Canvas(uint32_t columns, uint32_t rows);  // white

  void set(int64_t column, int64_t row, const Colour& colour);
  void polyline(const std::vector<Point>& places, const Colour& colour, int thickness);
  // Column by column between two lines whose x rise alike.
  void fill_between(const std::vector<Point>& upper, const std::vector<Point>& lower, const Colour& colour);

  enum class At { middle, end };
  // Digits, point, minus, plus and e, 14 pixels high, below y; other signs leave a gap.
  void number(std::string_view text, double x, double y, At at);

  picture::PngImage image(std::vector<std::pair<std::string, std::string>> texts) const;

 private:
  uint32_t columns_, rows_;
  std::vector<uint8_t> samples_;
};

}  // namespace garita::quality
