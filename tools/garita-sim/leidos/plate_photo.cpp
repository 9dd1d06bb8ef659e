// A plate as a camera at night sees it: bright, on dark sheet metal, with noise.
#include <cstddef>
#include <cstdio>
// (jpeglib.h needs the two above)
#include <jpeglib.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <string_view>

#include "tools/garita-sim/leidos/files.hpp"

namespace garita::sim::leidos {
namespace {

// 5 × 7, a row a number, the left dot in the highest bit.
struct Glyph {
  char letter;
  std::array<uint8_t, 7> rows;
};
constexpr Glyph glyphs[] = {
    {'0', {14, 17, 19, 21, 25, 17, 14}}, {'1', {4, 12, 4, 4, 4, 4, 14}},
    {'2', {14, 17, 1, 2, 4, 8, 31}},     {'3', {31, 2, 4, 2, 1, 17, 14}},
    {'4', {2, 6, 10, 18, 31, 2, 2}},     {'5', {31, 16, 30, 1, 1, 17, 14}},
    {'6', {6, 8, 16, 30, 17, 17, 14}},   {'7', {31, 1, 2, 4, 8, 8, 8}},
    {'8', {14, 17, 17, 14, 17, 17, 14}}, {'9', {14, 17, 17, 15, 1, 2, 12}},
    {'A', {14, 17, 17, 31, 17, 17, 17}}, {'B', {30, 17, 17, 30, 17, 17, 30}},
    {'C', {14, 17, 16, 16, 16, 17, 14}}, {'D', {28, 18, 17, 17, 17, 18, 28}},
    {'E', {31, 16, 16, 30, 16, 16, 31}}, {'F', {31, 16, 16, 30, 16, 16, 16}},
    {'G', {14, 17, 16, 23, 17, 17, 15}}, {'H', {17, 17, 17, 31, 17, 17, 17}},
    {'J', {7, 2, 2, 2, 2, 18, 12}},      {'K', {17, 18, 20, 24, 20, 18, 17}},
    {'L', {16, 16, 16, 16, 16, 16, 31}}, {'M', {17, 27, 21, 21, 17, 17, 17}},
    {'N', {17, 17, 25, 21, 19, 17, 17}}, {'P', {30, 17, 17, 30, 16, 16, 16}},
    {'R', {30, 17, 17, 30, 20, 18, 17}}, {'S', {15, 16, 16, 14, 1, 1, 30}},
    {'T', {31, 4, 4, 4, 4, 4, 4}},       {'U', {17, 17, 17, 17, 17, 17, 14}},
    {'V', {17, 17, 17, 17, 17, 10, 4}},  {'W', {17, 17, 17, 21, 21, 21, 10}},
    {'X', {17, 17, 10, 4, 10, 17, 17}},  {'Y', {17, 17, 17, 10, 4, 4, 4}},
    {'Z', {31, 1, 2, 4, 8, 16, 31}},
};

constexpr uint32_t width = 320, height = 192, dot = 5;

bool is_ink(std::string_view number, uint32_t x, uint32_t y) {
  const uint32_t left = (width - static_cast<uint32_t>(number.size()) * 6 * dot) / 2, top = 78;
  if (x < left || y < top || y >= top + 7 * dot) return false;
  const uint32_t place = (x - left) / (6 * dot), column = (x - left) / dot % 6;
  if (place >= number.size() || column == 5) return false;
  for (const Glyph& glyph : glyphs)
    if (glyph.letter == number[place]) return (glyph.rows[(y - top) / dot] >> (4 - column) & 1) != 0;
  return false;
}

double brightness(std::string_view number, uint32_t x, uint32_t y) {
  if (is_ink(number, x, y)) return 30;
  const bool plate = x > 24 && x < width - 24 && y > 58 && y < 134;
  return plate ? 215 : 40 + 0.15 * y;
}

}  // namespace

std::string plate_photo(std::string_view number, Random& random) {
  jpeg_compress_struct jpeg{};
  jpeg_error_mgr errors{};
  jpeg.err = jpeg_std_error(&errors);
  jpeg_create_compress(&jpeg);
  unsigned char* bytes = nullptr;
  unsigned long size = 0;
  jpeg_mem_dest(&jpeg, &bytes, &size);
  jpeg.image_width = width;
  jpeg.image_height = height;
  jpeg.input_components = 1;
  jpeg.in_color_space = JCS_GRAYSCALE;
  jpeg_set_defaults(&jpeg);
  jpeg_set_quality(&jpeg, 60, TRUE);
  jpeg_start_compress(&jpeg, TRUE);
  number = number.substr(0, 9);
  for (uint32_t y = 0; y < height; ++y) {
    std::array<JSAMPLE, width> line;
    for (uint32_t x = 0; x < width; ++x)
      line[x] = static_cast<JSAMPLE>(std::clamp(brightness(number, x, y) + 6 * random.normal(), 0.0, 255.0));
    JSAMPROW rows[] = {line.data()};
    jpeg_write_scanlines(&jpeg, rows, 1);
  }
  jpeg_finish_compress(&jpeg);
  jpeg_destroy_compress(&jpeg);
  const std::string photo(reinterpret_cast<const char*>(bytes), size);
  std::free(bytes);
  return photo;
}

}  // namespace garita::sim::leidos
