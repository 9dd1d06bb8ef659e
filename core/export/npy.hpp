// NumPy's .npy files, read strictly and written row by row.
//
//   0   6   \x93NUMPY
//   6   2   version major, minor: 1.0, 2.0 or 3.0
//   8   2|4 header length, little-endian (2 bytes in version 1, 4 in 2 and 3)
//   .   n   {'descr': '<u2', 'fortran_order': False, 'shape': (rows, columns), }   spaces, \n at the end
//   .       samples, little-endian, C order; ours begin at a multiple of 64
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/base/file.hpp"
#include "core/base/result.hpp"
#include "garita/view.h"

namespace garita::exporter {

struct NpyHeader {
  uint32_t sample_type = GARITA_SAMPLE_U16;  // GARITA_SAMPLE_*
  std::vector<uint64_t> shape;               // 1 … 4 dimensions, slowest first; none is 0

  uint32_t sample_bytes() const;  // 0 for a type that the ABI does not have
  uint64_t data_bytes() const;    // of all samples; what parse and create accepted does not overflow
};

// The header of a file, and where its samples begin.
struct NpyLayout {
  NpyHeader header;
  uint64_t data_offset = 0;
};

inline constexpr size_t npy_max_front_bytes = 12 + 65536;

// From the first bytes of a file, as many as there are, at most npy_max_front_bytes. Strict: the three keys
// and no other, C order, little-endian or one-byte samples of a type that the ABI has, a shape whose product
// does not overflow. Errors: export.npy_* {path}; path is for the message alone.
base::Result<NpyLayout> parse_npy_header(base::Bytes front, const std::string& path);

// The bytes in front of the samples (version 1.0). Errors: export.npy_shape.
base::Result<std::string> npy_front(const NpyHeader& header, const std::string& path);

// An open file: header checked, and the file exactly as long as it says.
class NpyReader {
 public:
  // Errors: base.file_*, export.npy_* {path}.
  static base::Result<NpyReader> open(const std::filesystem::path& path,
                                      base::FileSystem& files = base::real_file_system());

  const NpyHeader& header() const { return layout_.header; }

  // Bytes [offset, offset + out.size()) of the samples. Thread: any.
  base::Result<void> read(uint64_t offset, std::span<std::byte> out) const;

 private:
  NpyReader(NpyLayout layout, std::unique_ptr<base::RandomAccessFile> file, std::string path)
      : layout_(std::move(layout)), file_(std::move(file)), path_(std::move(path)) {}

  NpyLayout layout_;
  std::unique_ptr<base::RandomAccessFile> file_;
  std::string path_;
};

// A whole 2-D u16 image.
struct NpyImage {
  uint64_t rows = 0;
  uint64_t columns = 0;
  std::vector<uint16_t> samples;  // row by row
};

// Reads a 2-D u16 file of at most max_bytes of samples. Errors: as NpyReader; export.npy_not_u16 {path, type,
// dimensions}, export.npy_too_large {path, limit}.
base::Result<NpyImage> read_npy_u16(const std::filesystem::path& path,
                                    uint64_t max_bytes = uint64_t{1} << 31);

// Writes one file, streaming; it appears under its name only when finish() found it whole. Destroyed before,
// it leaves nothing.
class NpyWriter {
 public:
  // Errors: base.file_*, base.disk_full, export.npy_shape.
  static base::Result<NpyWriter> create(const std::filesystem::path& path, const NpyHeader& header,
                                        base::FileSystem& files = base::real_file_system());

  // The next bytes of the samples, any number. Errors: as create; export.npy_length {path, expected, given}.
  base::Result<void> write(base::Bytes samples);
  base::Result<void> finish();

 private:
  NpyWriter(base::AtomicFile file, uint64_t expected) : file_(std::move(file)), expected_bytes_(expected) {}
  base::Error wrong_length(uint64_t given) const;

  base::AtomicFile file_;
  uint64_t expected_bytes_;
  uint64_t written_bytes_ = 0;
};

}  // namespace garita::exporter
