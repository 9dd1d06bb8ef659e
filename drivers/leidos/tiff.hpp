// TIFF -> pixels, for the one kind of picture that a gantry exports: one channel of unsigned 16 bits, in
// strips, either byte order, plain or packed without loss. libtiff 4.5 unpacks; what the file claims is
// checked before anything is allocated by it. Pure: no I/O, no clock.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace garita::leidos {

inline constexpr size_t max_tiff_bytes = size_t{192} << 20;
inline constexpr uint32_t max_width = 65535, max_height = 8192;
inline constexpr uint64_t max_pixels = uint64_t{64} << 20;

struct Picture {
  uint32_t width = 0, height = 0;
  std::vector<uint16_t> samples;  // line by line from the top, as one looks at it
};

// The file's first picture. Throws Stop with DATA_CORRUPT, DATA_TRUNCATED or DATA_UNSUPPORTED; its sentence
// is to stand behind the file's name: "is no TIFF: …".
Picture read_tiff(std::span<const std::byte> bytes);

}  // namespace garita::leidos
