// A rectangle of pixels cut out of an image, as numbers.
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

#include "conformance/quality/image.hpp"

namespace garita::quality {

struct Patch {
  size_t rows = 0, columns = 0;
  std::vector<double> values;  // row by row

  double at(size_t row, size_t column) const { return values[row * columns + column]; }
  Patch turned() const {  // rows and columns exchanged
    Patch other{columns, rows, std::vector<double>(values.size())};
    for (size_t row = 0; row < rows; ++row)
      for (size_t column = 0; column < columns; ++column) other.values[column * rows + row] = at(row, column);
    return other;
  }
};

// Pixels [row0, row1) × [column0, column1), which lie in the image.
struct Pixels {
  size_t row0 = 0, row1 = 0, column0 = 0, column1 = 0;

  size_t count() const { return (row1 - row0) * (column1 - column0); }
  bool within(const Image& image) const {
    return row0 < row1 && column0 < column1 && row1 <= image.rows && column1 <= image.columns;
  }
};

inline Patch cut(const Image& image, const Pixels& place) {
  Patch patch{place.row1 - place.row0, place.column1 - place.column0, {}};
  patch.values.reserve(patch.rows * patch.columns);
  for (size_t row = place.row0; row < place.row1; ++row)
    for (size_t column = place.column0; column < place.column1; ++column)
      patch.values.push_back(image.at(row, column));
  return patch;
}

}  // namespace garita::quality
