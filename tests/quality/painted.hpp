// A whole image of an object with known places, for what needs more than a patch.
#pragma once

#include <algorithm>
#include <cmath>
#include <random>

#include "conformance/quality/measure.hpp"

namespace garita::quality {

// Pixels of an object on a bright field: darkness by the part of each pixel that a rectangle covers.
class Painted {
 public:
  Painted(uint32_t rows, uint32_t columns, double open = 50000)
      : rows_(rows), columns_(columns), signal_(size_t{rows} * columns, open) {}

  // In pixels, real numbers; what lies below is multiplied by transmission.
  void rectangle(double x0, double y0, double x1, double y1, double transmission) {
    for (uint32_t row = 0; row < rows_; ++row)
      for (uint32_t column = 0; column < columns_; ++column) {
        const double part = overlap(column, x0, x1) * overlap(row, y0, y1);
        signal_[size_t{row} * columns_ + column] *= 1 - part * (1 - transmission);
      }
  }

  Image image(double noise, std::mt19937_64& random) const {
    std::normal_distribution<double> normal(0, noise);
    Image image{rows_, columns_, {}};
    for (const double value : signal_)
      image.samples.push_back(
          static_cast<uint16_t>(std::clamp(std::round(value + normal(random)), 0.0, 65535.0)));
    return image;
  }

 private:
  static double overlap(uint32_t pixel, double low, double high) {
    return std::clamp(std::min<double>(pixel + 1, high) - std::max<double>(pixel, low), 0.0, 1.0);
  }

  uint32_t rows_, columns_;
  std::vector<double> signal_;
};

inline Image mirrored(const Image& image) {
  Image own = image;
  for (uint32_t row = 0; row < image.rows; ++row) {
    const auto first = own.samples.begin() + static_cast<std::ptrdiff_t>(size_t{row} * image.columns);
    std::reverse(first, first + image.columns);
  }
  return own;
}

inline Image exchanged(const Image& image) {  // rows become columns
  Image own{image.columns, image.rows, image.samples};
  for (uint32_t row = 0; row < image.rows; ++row)
    for (uint32_t column = 0; column < image.columns; ++column)
      own.samples[size_t{column} * own.columns + row] = image.samples[size_t{row} * image.columns + column];
  return own;
}

}  // namespace garita::quality
