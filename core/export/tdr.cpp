#include "core/export/tdr.hpp"

#define BOOST_DLL_USE_STD_FS
#include <boost/dll/shared_library.hpp>
#include <optional>
#include <utility>

#include "core/export/dicos/tdr_file.hpp"
#include "garita/status.h"

namespace garita::exporter {
namespace {

using base::Error;
using base::Outcome;

// Stays loaded: DCMTK's statics do not like to go.
struct Writer {
  boost::dll::shared_library library;
  dicos::TdrFunction write = nullptr;
  std::string path, reason;
};

Writer load() {
  Writer writer;
  std::error_code error;
  const auto program = std::filesystem::read_symlink("/proc/self/exe", error);
  const auto path = program.parent_path().parent_path() / "lib/garita" / dicos::dicos_library;
  writer.path = path.string();
  writer.library.load(path, error, boost::dll::load_mode::rtld_now | boost::dll::load_mode::rtld_local);
  if (error) {
    writer.reason = error.message();
  } else if (writer.library.has(dicos::tdr_symbol)) {
    writer.write = reinterpret_cast<dicos::TdrFunction>(writer.library.get<void()>(dicos::tdr_symbol));
  } else {
    writer.reason = dicos::tdr_symbol;
  }
  return writer;
}

base::Result<std::string> bytes_of(const dicos::Report& report) {
  static const Writer& writer = *new Writer(load());
  if (!writer.write)
    return Error{Outcome::not_loaded,
                 "export.no_dicos",
                 {{"path", writer.path}, {"reason", writer.reason}},
                 GARITA_NOT_SUPPORTED};
  std::optional<base::Result<std::string>> result;
  writer.write(report, result);
  return *std::move(result);
}

base::Result<void> write_file(const std::filesystem::path& path, const std::string& bytes,
                              base::FileSystem& files) {
  GARITA_TRY_ASSIGN(file, base::AtomicFile::create(path, 0644, files));
  GARITA_TRY(file.append(std::as_bytes(std::span(bytes))));
  return file.commit();
}

}  // namespace

base::Result<ExportReport> export_tdr(const v1::Inspection& record, const base::Digest& root,
                                      const std::filesystem::path& out, base::FileSystem& files) {
  ExportReport report;
  const std::vector<dicos::Report> tdrs = tdr_of(record, root, report.lost);
  if (tdrs.empty()) return Error{Outcome::no, "export.no_detections", {}};
  const bool to_file = out.extension() == ".dcs";
  if (to_file && tdrs.size() > 1)
    return Error{Outcome::usage,
                 "export.many_files",
                 {{"path", out.string()}, {"count", std::to_string(tdrs.size())}}};
  if (!to_file) GARITA_TRY(files.create_folders(out, 0755));
  for (const dicos::Report& tdr : tdrs) {
    GARITA_TRY_ASSIGN(bytes, bytes_of(tdr));
    const std::string name = tdrs.size() == 1 ? "tdr.dcs" : "tdr_" + std::to_string(tdr.number) + ".dcs";
    const std::filesystem::path path = to_file ? out : out / name;
    GARITA_TRY(write_file(path, bytes, files));
    report.files.push_back(path);
  }
  return report;
}

}  // namespace garita::exporter
