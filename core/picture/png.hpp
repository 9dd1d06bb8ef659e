// PNG files: 8-bit grey, 8-bit RGB, 16-bit grey, row by row.
//
// The file appears under its name only when it is whole (written beside it, then renamed).
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "core/base/file.hpp"
#include "core/base/result.hpp"

namespace garita::picture {

enum class PngKind { grey8, rgb8, grey16 };

constexpr uint32_t sample_bytes(PngKind kind) {  // of one pixel
  return kind == PngKind::rgb8 ? 3 : kind == PngKind::grey16 ? 2 : 1;
}

struct PngHeader {
  uint32_t width = 0, height = 0;  // 1 … 2^31-1; what viewers open is theirs to say
  PngKind kind = PngKind::grey8;
  double metres_per_pixel_x = 0, metres_per_pixel_y = 0;  // pHYs where both are known
  std::vector<std::pair<std::string, std::string>>
      texts;            // tEXt: keyword of 1 … 79 ASCII letters, ASCII text
  int compression = 6;  // zlib level 1 … 9
};

// Writes one PNG. One thread at a time. Destroyed before finish(), it leaves nothing.
class PngWriter {
 public:
  // Errors: base.file_*, base.disk_full; picture.png_failed {path, reason}.
  static base::Result<std::unique_ptr<PngWriter>> create(const std::filesystem::path& path,
                                                         const PngHeader& header,
                                                         base::FileSystem& files = base::real_file_system());
  ~PngWriter();

  // The next row: width samples of 1 byte (grey8), 3 (rgb8) or 2 in host order (grey16). A row of another
  // size, one too many, or finish() too early is the caller's fault: picture.png_rows {path}.
  base::Result<void> row(std::span<const std::byte> samples);
  base::Result<void> finish();

 private:
  struct Inside;
  explicit PngWriter(std::unique_ptr<Inside> inside);
  std::unique_ptr<Inside> inside_;
};

// A PNG that is wholly in memory, as write_png takes it and read_png gives it.
struct PngImage {
  PngHeader header;
  std::vector<uint8_t> samples;  // rows without padding; grey16 in host order
};

base::Result<void> write_png(const std::filesystem::path& path, const PngImage& image,
                             base::FileSystem& files = base::real_file_system());

// Reads what PngWriter writes, and any 8-bit grey or RGB and 16-bit grey PNG without interlace, up to
// max_bytes of samples. Errors: base.file_*; picture.png_bad {path, reason}, picture.png_kind {path},
// picture.png_too_large {path}.
base::Result<PngImage> read_png(const std::filesystem::path& path, size_t max_bytes = size_t{1} << 30,
                                base::FileSystem& files = base::real_file_system());

}  // namespace garita::picture
