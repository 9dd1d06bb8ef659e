// NumPy's .npy files, read strictly and written row by row.
//
//   0   6   \x93NUMPY
//   6   2   version major, minor: 1.0, 2.0 or 3.0
//   8   2|4 header length, little-endian (2 bytes in version 1, 4 in 2 and 3)
//   .   n   {'descr': '<u2', 'fortran_order': False, 'shape': (rows, columns), }   padded with spaces, ends with \n
//   .       samples, little-endian, C order; data starts at a multiple of 64
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"
#include "garita/view.h"

namespace garita::exporter {

struct NpyHeader {
  uint32_t sample_type = GARITA_SAMPLE_U16;  // GARITA_SAMPLE_*
  std::vector<uint64_t> shape;               // 1 … 4 dimensions, slowest first; none is 0
  uint64_t samples() const;                  // product of shape
  uint64_t data_bytes() const;
};

// The header of a file, and where its samples begin.
struct NpyLayout {
  NpyHeader header;
  uint64_t data_offset = 0;
};

// From the first bytes of a file (at most 64 KiB of header are accepted). Strict: the three keys and no other, C order,
// little-endian or one-byte samples, a shape whose product does not overflow.
// Errors: export.npy_bad {path, reason}.
base::Result<NpyLayout> parse_npy_header(std::span<const std::byte> front, std::string_view path);

// An open file: header checked, and the file exactly as long as it says.
class NpyReader {
 public:
  // Errors: export.npy_missing {path, reason}, export.npy_bad.
  static base::Result<NpyReader> open(const std::filesystem::path& path);

  const NpyHeader& header() const { return layout_.header; }

  // Bytes [offset, offset + out.size()) of the samples; export.npy_bad where they lie outside.
  base::Result<void> read(uint64_t offset, std::span<std::byte> out);

 private:
  NpyReader() = default;
  std::string path_;
  NpyLayout layout_;
  std::ifstream file_;
};

// A whole 2-D u16 image.
struct NpyImage {
  uint64_t rows = 0;
  uint32_t columns = 0;
  std::vector<uint16_t> samples;
};

// Reads a 2-D u16 file of at most max_bytes of samples. Errors: as NpyReader, export.npy_not_u16 {path, type, shape},
// export.npy_too_large.
base::Result<NpyImage> read_npy_u16(const std::filesystem::path& path, uint64_t max_bytes = uint64_t{1} << 32);

// Writes one file, streaming; it appears under its name only when finish() found it whole.
class NpyWriter {
 public:
  // Errors: export.cannot_write {path, reason}, export.npy_shape.
  static base::Result<std::unique_ptr<NpyWriter>> create(const std::filesystem::path& path, const NpyHeader& header);
  ~NpyWriter();

  base::Result<void> write(std::span<const std::byte> samples);  // the next bytes, any number of samples
  base::Result<void> finish();                                   // export.npy_short where bytes are missing

 private:
  struct Inside;
  explicit NpyWriter(std::unique_ptr<Inside> inside);
  std::unique_ptr<Inside> inside_;
};

}  // namespace garita::exporter
