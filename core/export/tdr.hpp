// The detections of a record as DICOS V03 threat detection reports (TDR).
//
// A TDR speaks of one image, by one kind of finder, of one device: detections of several become several
// files. Boxes and polygons count the columns and rows of the canonical layout in which planes are exported.
// UIDs come of the package's root and are the same however often it is exported; the image's is that of
// image_name() and part_name(), under which dx_target.cpp writes it.
//
// DICOS has four words for what the border looks for; the record's word, the vendor's code and what else
// would be narrowed stand beside in private elements (dicos/tdr.hpp), from which drivers/dicos restores them.
// What is lost all the same, or can be read only by us, is in the report's list.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/digest.hpp"
#include "core/base/file.hpp"
#include "core/export/dicos/tdr.hpp"
#include "core/export/export.hpp"
#include "garita/v1/inspection.pb.h"

namespace garita::exporter {

// "2.25." and 128 bits of SHA-256(root, name) in decimal.
std::string dicos_uid(const base::Digest& root, std::string_view name);

// What the UID of an image comes from. No channel: the first plane that the package has of the view, which is
// the one that reports speak of where nothing else was chosen. Parts of a long plane count from 0.
std::string image_name(std::string_view view, std::string_view channel = {});
std::string part_name(const std::string& image, uint64_t part);

// Which detections are reported, and the images that are written beside them.
struct ReportScope {
  struct Shown {
    std::string name;  // image_name()
    uint64_t rows_a_part = 1, parts = 1;
  };
  std::string name;                                  // makes UIDs of a selection its own
  std::string view;                                  // that view's detections alone; empty: all
  std::map<std::string, Shown, std::less<>> images;  // of a view
};

// Pure. Nothing without detections: that none were reported is not a verdict that all is clear.
std::vector<dicos::Report> tdr_of(const v1::Inspection& record, const base::Digest& root,
                                  std::vector<Lost>& lost, const ReportScope& scope = {});

// "tdr.dcs", or "tdr_2.dcs" of several.
std::string report_file(const dicos::Report& report, size_t reports);

// Errors: export.no_dicos {path, reason} (the library that writes DICOS is not there), export.dicos_refused
// {tag, reason}, what writing gives.
base::Result<void> write_report(const dicos::Report& report, const std::filesystem::path& path,
                                base::FileSystem& files);

// Writes <out>/tdr.dcs (tdr_1.dcs, tdr_2.dcs … where there are several), or `out` itself where it ends in
// .dcs and one file comes of it. Each file appears whole or not at all. Errors: export.no_detections,
// export.many_files {path, count}, those of write_report.
base::Result<ExportReport> export_tdr(const v1::Inspection& record, const base::Digest& root,
                                      const std::filesystem::path& out,
                                      base::FileSystem& files = base::real_file_system(),
                                      const ReportScope& scope = {});

}  // namespace garita::exporter
