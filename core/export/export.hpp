// A package in other people's formats: its planes, pixel for pixel, and a list of what the target cannot
// hold.
//
// Files carry the canonical layout: one file row a row of the plane (row 0 leads in the direction of travel),
// column 0 top or left. Pictures that stand upright are `picture`'s. NumPy: any sample type, (rows, columns)
// or (slices, rows, columns). PNG: u8 and u16 samples, one file a slice; tEXt chunks hold the constants of
// the scale.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"
#include "core/package/reader.hpp"

namespace garita::exporter {

enum class Format { npy, png };

std::optional<Format> format_of(std::string_view word);  // "npy", "png"
std::string known_formats();                             // "npy, png"

// Which planes; an empty word takes all.
struct Selection {
  std::string view, channel;
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

// Writes <out>/<view>_<channel>.npy (…_<slice>.png), or `out` itself where it ends in the format's name and
// one file comes of it. Each file appears whole or not at all; those that were whole before an error stay.
// Errors: export.no_plane {view, channel}, export.many_files {path, count} (Outcome::usage), what reading and
// writing give.
base::Result<ExportReport> export_package(package::Reader& reader, Format format,
                                          const std::filesystem::path& out, const Selection& selection = {},
                                          base::FileSystem& files = base::real_file_system());

}  // namespace garita::exporter
