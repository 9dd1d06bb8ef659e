// TIFF files of one grey channel, row by row, through libtiff.
//
// Little-endian; strips of 128 rows; more than 4 GB: BigTIFF. Each page says
//
//   ImageWidth, ImageLength, BitsPerSample, SampleFormat, SamplesPerPixel 1, Photometric MinIsBlack
//   Compression, Predictor   horizontal; of floats, floating point; of unpacked files, none
//   Orientation              5 (row 0 is the picture's left end) of what a line detector saw, else 1
//   X-, YResolution          pixels per centimetre, where the pitch is known
//   ImageDescription, Software, DateTime (UTC), PageName, PageNumber
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "core/base/file.hpp"
#include "core/base/result.hpp"
#include "core/export/plane_file.hpp"
#include "core/export/tiff/packing.hpp"
#include "garita/view.h"

namespace garita::exporter::tiff {

struct Header {
  uint32_t columns = 0;
  uint32_t sample_type = GARITA_SAMPLE_U16;
  uint64_t rows = 0;         // of all pages
  uint64_t rows_a_page = 0;  // the last page may be shorter
  TiffPacking packing = TiffPacking::deflate;
  bool row_is_a_column = false;  // of the upright picture
  uint32_t pitch_x_um = 0, pitch_y_um = 0;
  std::string description, software, date_time, page_name;  // ASCII

  bool is_big() const;  // BigTIFF, by what could be the size if nothing could be packed
};

// The file is written by its temporary name in the real file system: libtiff goes back in it, which
// `files` cannot. Errors: what AtomicFile gives; base.file_*, base.disk_full; export.tiff_failed
// {path, reason}; rows that are not as the header says: export.tiff_rows {path}.
base::Result<std::unique_ptr<PlaneFile>> create(const std::filesystem::path& path, const Header& header,
                                                base::FileSystem& files = base::real_file_system());

// The one exported symbol. Both ends come from one build: the types may be C++.
using CreateFunction = void (*)(const std::filesystem::path& path, const Header& header,
                                base::FileSystem& files,
                                std::optional<base::Result<std::unique_ptr<PlaneFile>>>& out);
inline constexpr const char* symbol = "garita_tiff_create";
inline constexpr const char* library = "garita_tiff_export.so";  // in <prefix>/lib/garita

}  // namespace garita::exporter::tiff
