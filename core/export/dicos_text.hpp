// Values in the forms that DICOS's elements take.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/export/dicos/tdr.hpp"

namespace garita::exporter {

// Text for SH, LO, ST and LT: valid UTF-8 of at most `letters` code points; a backslash (which separates
// values) becomes a slash, a control character a blank; no blanks at the ends.
std::string dicos_text(std::string_view text, size_t letters);

// Text for our own UT elements: at most 1024 bytes, no control characters, no blanks at the ends; all else
// stays.
std::string dicos_own_text(std::string_view text);

dicos::Stamp dicos_stamp(int64_t utc_ns);

// A bit for each pixel of the box, 1 inside: columns first, then rows, then slices, lowest bit first. The
// pixel's middle decides (even-odd rule); fewer than three corners: every pixel. polygon: x0 y0 x1 y1 … in
// pixels of the image.
std::vector<uint8_t> dicos_bitmap(const dicos::Box& box, const std::vector<double>& polygon);

}  // namespace garita::exporter
