// garita export: planes of a package in other people's formats.
#include <nlohmann/json.hpp>

#include "core/export/export.hpp"
#include "core/host/open_package.hpp"
#include "tools/garita/commands.hpp"
#include "tools/garita/look.hpp"
#include "tools/garita/options.hpp"

namespace garita::cli {
namespace {

base::Result<exporter::Format> format_of(const std::string& word) {
  if (const auto format = exporter::format_of(word)) return *format;
  return usage_error("cli.bad_format", {{"given", word}, {"known", exporter::known_formats()}});
}

base::Result<exporter::TiffPacking> packing_of(const std::string& word) {
  if (word == "deflate") return exporter::TiffPacking::deflate;
  if (word == "zstd") return exporter::TiffPacking::zstd;
  if (word == "none") return exporter::TiffPacking::none;
  return usage_error("cli.bad_packing", {{"given", word}});
}

void print(const Terminal& terminal, const exporter::ExportReport& report) {
  nlohmann::json files = nlohmann::json::array(), lost = nlohmann::json::array();
  for (const auto& path : report.files) {
    files.push_back(path.string());
    if (!terminal.json) terminal.out << path.string() << '\n';
  }
  for (const exporter::Lost& each : report.lost) {
    const std::string sentence = base::text(terminal.language, each.id, each.fields);
    nlohmann::json fields = nlohmann::json::object();
    for (const base::Field& field : each.fields) fields[field.name] = field.value;
    lost.push_back({{"id", each.id}, {"fields", fields}, {"text", sentence}});
    terminal.err << "garita: " << sentence << '\n';
  }
  if (terminal.json)
    terminal.out << nlohmann::json{{"files", files}, {"lost", lost}}.dump(2, ' ', false,
                                                                          nlohmann::json::error_handler_t::replace)
                 << '\n';
}

}  // namespace

int export_command(const Terminal& terminal, const Arguments& arguments) {
  Options options(terminal, "export");
  options.positional("file").value("to", "FORMAT").value("out", "PATH");
  options.value("view", "NAME").value("channel", "NAME").value("compression", "deflate|zstd|none").value("state", "FOLDER");
  auto parsed = options.parse(arguments);
  if (!parsed) return fail(terminal, parsed.error());
  if (!*parsed) return 0;
  auto file = options.required("file");
  auto to = options.required("to");
  auto out = options.required("out");
  if (!file) return fail(terminal, file.error());
  if (!to) return fail(terminal, to.error());
  if (!out) return fail(terminal, out.error());
  auto format = format_of(*to);
  auto packing = packing_of(options.get("compression", "deflate"));
  if (!format) return fail(terminal, format.error());
  if (!packing) return fail(terminal, packing.error());

  auto package = host::open_package(*file);
  if (!package) return fail(terminal, package.error());
  if (const auto may = ask_to_look(options, exchange::Act::export_, *package, *file); !may)
    return fail(terminal, may.error());
  exporter::Selection selection;
  selection.view = options.get("view");
  selection.channel = options.get("channel");
  selection.packing = *packing;
  auto report = exporter::export_package(package->reader, *format, *out, selection);
  if (!report) return fail(terminal, report.error());
  print(terminal, *report);
  return 0;
}

}  // namespace garita::cli
