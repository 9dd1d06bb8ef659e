// A 16-bit image as the measurements take it, whatever file it lay in.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/base/bytes.hpp"
#include "core/base/result.hpp"

namespace garita::package {
class Reader;
}

namespace garita::quality {

// Larger images are refused before anything is allocated.
inline constexpr uint64_t max_pixels = uint64_t{1} << 28;

struct Image {
  uint32_t rows = 0, columns = 0;
  std::vector<uint16_t> samples;  // row by row
  uint16_t black = 0;             // the stored value of no signal: 1024 in a package, else 0
  uint32_t bridged = 0;  // lines across or along that were missing and stand as their neighbours' mean

  double at(uint64_t row, uint64_t column) const {
    return static_cast<double>(samples[row * columns + column]) - black;
  }
};

// One grey channel of 16 unsigned bits, either byte order, plain, LZW, PackBits or deflate, in strips.
// Errors: quality.tiff_bad {path, reason}, quality.tiff_kind {path, what}, quality.image_size {path}.
base::Result<Image> parse_tiff(base::Bytes bytes, const std::string& path);

struct Planes {
  Image image;
  std::optional<Image> low;  // the low energy's, as large
};

// What a person names of a file.
struct Choice {
  std::string plane;  // "VIEW/CHANNEL" of a package; empty: its first
  std::string low;    // the same; of other files the path of a second one; empty: channel "low" of the view
  // Of a package whose planes are kept by their hashes alone: gives the reader who makes them again.
  std::function<base::Result<void>(package::Reader&)> prepare = {};
};

// By what the file begins with: TIFF, NumPy, or a package. A package's plane is turned as a person looks at
// it: the travel along x, its leading end at the left, column 0 (the top) at y = 0; detectors that do not
// answer and lines that never came are bridged from their neighbours and counted.
// Errors: those of parse_tiff, base.file_*, export.npy_*, package.*, quality.image_unknown {path},
// quality.no_plane {path, plane}, quality.planes_differ.
base::Result<Planes> read_planes(const std::filesystem::path& path, const Choice& choice = {});

}  // namespace garita::quality
