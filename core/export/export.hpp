// A package in other people's formats: its planes, pixel for pixel, and a list of what the target cannot
// hold.
//
// Files carry the canonical layout: one file row a row of the plane (row 0 leads in the direction of travel),
// column 0 top or left. Pictures that stand upright are `picture`'s. NumPy: any sample type, (rows, columns)
// or (slices, rows, columns). PNG: u8 and u16 samples, one file a slice; tEXt chunks hold the constants of
// the scale. TIFF: any sample type, one page a slice; tiff/tiff_file.hpp lists the tags. DICOM: u8 and u16
// X-ray planes as DX images; DICOS: the same in its form, and the record's detections as reports (tdr.hpp)
// that refer to them; tdr: these reports alone.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"
#include "core/export/tiff/packing.hpp"
#include "core/package/reader.hpp"

namespace garita::exporter {

enum class Format { npy, png, tiff, dicom, dicos, tdr };

std::optional<Format> format_of(std::string_view word);  // "npy", "png", …
std::string known_formats();                             // "npy, png, tiff, dicom, dicos, tdr"

// Which planes; an empty word takes all.
struct Selection {
  std::string view, channel;
  TiffPacking packing = TiffPacking::deflate;  // of TIFF files
};

// Something that is in the package and not in the files: a text of the catalogue with its fields.
struct Lost {
  std::string id;  // "export.lost_record"
  std::vector<base::Field> fields;
};

struct ExportReport {
  std::vector<std::filesystem::path> files;  // in the order of the package
  std::vector<Lost> lost;
};

// Writes <out>/<view>_<channel>.npy (…_<slice>.png), or `out` itself where it ends as files of the format do
// and one file comes of it. Each file appears whole or not at all; those that were whole before an error stay.
// Errors: export.no_plane {view, channel}, export.many_files {path, count} (Outcome::usage), what reading and
// writing give; of DICOS, export.nothing_for_dicos; of tdr, export.no_detections.
base::Result<ExportReport> export_package(package::Reader& reader, Format format,
                                          const std::filesystem::path& out, const Selection& selection = {},
                                          base::FileSystem& files = base::real_file_system());

}  // namespace garita::exporter
