#include "conformance/quality/canvas.hpp"

#include <algorithm>
#include <cmath>

namespace garita::quality {
namespace {

struct Glyph {
  char sign;
  std::array<uint8_t, 7> rows;  // five bits each, the leftmost the highest
};

constexpr Glyph glyphs[] = {
    {'0', {14, 17, 19, 21, 25, 17, 14}}, {'1', {4, 12, 4, 4, 4, 4, 14}},
    {'2', {14, 17, 1, 2, 4, 8, 31}},     {'3', {31, 2, 4, 2, 1, 17, 14}},
    {'4', {2, 6, 10, 18, 31, 2, 2}},     {'5', {31, 16, 30, 1, 1, 17, 14}},
    {'6', {6, 8, 16, 30, 17, 17, 14}},   {'7', {31, 1, 2, 4, 8, 8, 8}},
    {'8', {14, 17, 17, 14, 17, 17, 14}}, {'9', {14, 17, 17, 15, 1, 2, 12}},
    {'.', {0, 0, 0, 0, 0, 12, 12}},      {'-', {0, 0, 0, 31, 0, 0, 0}},
    {'+', {0, 4, 4, 31, 4, 4, 0}},       {'e', {0, 0, 14, 17, 31, 16, 14}},
};
constexpr int zoom = 2, advance = 6 * zoom;

const Glyph* find(char sign) {
  for (const Glyph& glyph : glyphs)
    if (glyph.sign == sign) return &glyph;
  return nullptr;
}

}  // namespace

Canvas::Canvas(uint32_t columns, uint32_t rows)
    : columns_(columns), rows_(rows), samples_(size_t{columns} * rows * 3, 255) {}

void Canvas::set(int64_t column, int64_t row, const Colour& colour) {
  if (column < 0 || row < 0 || column >= columns_ || row >= rows_) return;
  std::copy(colour.begin(), colour.end(),
            samples_.begin() + static_cast<std::ptrdiff_t>((size_t(row) * columns_ + size_t(column)) * 3));
}

void Canvas::polyline(const std::vector<Point>& places, const Colour& colour, int thickness) {
  for (size_t i = 0; i + 1 < places.size(); ++i) {
    const Point &a = places[i], &b = places[i + 1];
    const int steps = std::max(1, static_cast<int>(2 * std::max(std::abs(b.x - a.x), std::abs(b.y - a.y))));
    for (int step = 0; step <= steps; ++step) {
      const double part = static_cast<double>(step) / steps;
      const auto column = static_cast<int64_t>(std::floor(a.x + part * (b.x - a.x))),
                 row = static_cast<int64_t>(std::floor(a.y + part * (b.y - a.y)));
      for (int dx = 0; dx < thickness; ++dx)
        for (int dy = 0; dy < thickness; ++dy)
          set(column + dx - thickness / 2, row + dy - thickness / 2, colour);
    }
  }
}

void Canvas::fill_between(const std::vector<Point>& upper, const std::vector<Point>& lower,
                          const Colour& colour) {
  for (size_t i = 0; i + 1 < std::min(upper.size(), lower.size()); ++i) {
    const double wide = upper[i + 1].x - upper[i].x;
    for (double x = upper[i].x; x < upper[i + 1].x; x += 1) {
      const double part = (x - upper[i].x) / wide;
      const double high = upper[i].y + part * (upper[i + 1].y - upper[i].y),
                   low = lower[i].y + part * (lower[i + 1].y - lower[i].y);
      for (double y = high; y <= low; y += 1) set(static_cast<int64_t>(x), static_cast<int64_t>(y), colour);
    }
  }
}

void Canvas::number(std::string_view text, double x, double y, At at) {
  const double wide = static_cast<double>(text.size()) * advance;
  auto column = static_cast<int64_t>(at == At::middle ? x - wide / 2 : x - wide);
  const auto row = static_cast<int64_t>(y);
  for (const char sign : text) {
    if (const Glyph* const glyph = find(sign))
      for (int dy = 0; dy < 7 * zoom; ++dy)
        for (int dx = 0; dx < 5 * zoom; ++dx)
          if (glyph->rows[static_cast<size_t>(dy / zoom)] >> (4 - dx / zoom) & 1)
            set(column + dx, row + dy, {0, 0, 0});
    column += advance;
  }
}

picture::PngImage Canvas::image(std::vector<std::pair<std::string, std::string>> texts) const {
  picture::PngHeader header;
  header.width = columns_, header.height = rows_;
  header.kind = picture::PngKind::rgb8;
  header.texts = std::move(texts);
  return {std::move(header), samples_};
}

}  // namespace garita::quality
