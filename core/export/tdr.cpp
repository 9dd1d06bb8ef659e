#include "core/export/tdr.hpp"

#include <optional>
#include <utility>

#include "core/export/dicos/tdr_file.hpp"
#include "core/export/library.hpp"
#include "garita/status.h"

namespace garita::exporter {
namespace {

using base::Error;
using base::Outcome;

base::Result<std::string> bytes_of(const dicos::Report& report) {
  static const auto& library =
      *new LibraryFunction<dicos::TdrFunction>(dicos::dicos_library, dicos::tdr_symbol);
  if (!library.function)
    return Error{Outcome::not_loaded,
                 "export.no_dicos",
                 {{"path", library.path}, {"reason", library.reason}},
                 GARITA_NOT_SUPPORTED};
  std::optional<base::Result<std::string>> result;
  library.function(report, result);
  return *std::move(result);
}

}  // namespace

std::string image_name(std::string_view view, std::string_view channel) {
  std::string name = "image/" + std::string(view);
  if (!channel.empty()) (name += '/') += channel;
  return name;
}

std::string part_name(const std::string& image, uint64_t part) {
  return part == 0 ? image : image + "/part " + std::to_string(part);
}

std::string report_file(const dicos::Report& report, size_t reports) {
  return reports == 1 ? "tdr.dcs" : "tdr_" + std::to_string(report.number) + ".dcs";
}

base::Result<void> write_report(const dicos::Report& report, const std::filesystem::path& path,
                                base::FileSystem& files) {
  GARITA_TRY_ASSIGN(bytes, bytes_of(report));
  GARITA_TRY_ASSIGN(file, base::AtomicFile::create(path, 0644, files));
  GARITA_TRY(file.append(std::as_bytes(std::span(bytes))));
  return file.commit();
}

base::Result<ExportReport> export_tdr(const v1::Inspection& record, const base::Digest& root,
                                      const std::filesystem::path& out, base::FileSystem& files,
                                      const ReportScope& scope) {
  ExportReport report;
  const std::vector<dicos::Report> tdrs = tdr_of(record, root, report.lost, scope);
  if (tdrs.empty()) return Error{Outcome::no, "export.no_detections", {}};
  const bool to_file = out.extension() == ".dcs";
  if (to_file && tdrs.size() > 1)
    return Error{Outcome::usage,
                 "export.many_files",
                 {{"path", out.string()}, {"count", std::to_string(tdrs.size())}}};
  if (!to_file) GARITA_TRY(files.create_folders(out, 0755));
  for (const dicos::Report& tdr : tdrs) {
    const std::filesystem::path path = to_file ? out : out / report_file(tdr, tdrs.size());
    GARITA_TRY(write_report(tdr, path, files));
    report.files.push_back(path);
  }
  return report;
}

}  // namespace garita::exporter
