#include "tools/garita-demo/table.hpp"

#include <algorithm>
#include <cstdio>

#include "core/base/clock.hpp"
#include "core/host/open_package.hpp"
#include "core/host/plane_maker.hpp"
#include "core/host/render.hpp"
#include "core/image/view.hpp"
#include "core/package/verify.hpp"
#include "tools/garita-demo/plot.hpp"

namespace garita::demo {
namespace {

// Names of files and keys tell each other apart at their ends.
std::string shortened(const std::string& name) {
  constexpr size_t most = 26;
  std::string tail = name.size() > most ? name.substr(name.size() - most) : name;
  while (!tail.empty() && (tail.front() & 0xC0) == 0x80) tail.erase(0, 1);  // not in the midst of a letter
  return base::printable((tail.size() < name.size() ? "…" : "") + tail);
}

std::string subject_of(const v1::Inspection& record) {
  if (record.conveyance().containers_size() > 0) return record.conveyance().containers(0).number();
  if (record.conveyance().plates_size() > 0) return record.conveyance().plates(0).number();
  const bool from_file = record.provenance().streams_size() > 0 && !record.provenance().streams(0).object().empty();
  return shortened(from_file ? record.provenance().streams(0).object() : record.identity().scan_key());
}

std::string size_of(const v1::View& view) {
  char metres[64] = "";
  if (view.geometry().pitch_along_um() && view.geometry().pitch_across_um())
    std::snprintf(metres, sizeof metres, "  %.1f × %.1f m", view.rows() * view.geometry().pitch_along_um() * 1e-6,
                  view.columns() * view.geometry().pitch_across_um() * 1e-6);
  const std::string slices = view.slices() > 1 ? " × " + std::to_string(view.slices()) : "";
  return std::to_string(view.rows()) + " × " + std::to_string(view.columns()) + slices + metres;
}

std::string quality_of(const v1::View& view, base::Language language) {
  if (view.channels_size() == 0) return "-";
  const v1::Quality& quality = view.channels(0).quality();
  char text[64];
  std::snprintf(text, sizeof text, "%.3f  SNR %.0f", quality.open_field_level(), quality.snr());
  const base::Field dead{"dead", std::to_string(quality.dead_pixels())};
  return (quality.has_open_field_level() ? std::string(text) : "-") + base::text(language, "cli.demo_dead", {&dead, 1});
}

size_t width_of(const std::string& text) {
  return static_cast<size_t>(std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

}  // namespace

Row headings(base::Language language) {
  Row row;
  for (const char* name : {"site", "subject", "views", "size", "fidelity", "quality", "time", "proof"})
    row.push_back(base::text(language, std::string("cli.demo_") + name));
  return row;
}

base::Result<Row> row_of(const std::filesystem::path& path, base::Language language) {
  GARITA_TRY_ASSIGN(package, host::open_package(path));
  const v1::Inspection& record = package.record;
  Row row = {record.identity().site() + " " + record.identity().lane(), subject_of(record)};
  std::string views;
  for (const v1::View& view : record.views()) {
    views += (views.empty() ? "" : ", ") + view.name() + " (";
    for (int i = 0; i < view.channels_size(); ++i)
      views += (i ? "+" : "") + image::channel_name(static_cast<uint32_t>(view.channels(i).kind()));
    views += ")";
  }
  const base::Field readings{"count", std::to_string(record.readings_size())};
  if (record.readings_size() > 0) views += (views.empty() ? "" : " + ") + base::text(language, "cli.demo_readings", {&readings, 1});
  row.push_back(views);
  const bool pictures = record.views_size() > 0;
  row.push_back(pictures ? size_of(record.views(0)) : "-");
  row.push_back(pictures ? image::fidelity_name(static_cast<uint32_t>(record.views(0).fidelity())) : "-");
  row.push_back(pictures ? quality_of(record.views(0), language) : "-");
  row.push_back(base::format_utc(record.time().started().utc_ns(), 0));
  row.push_back(base::text(language, package::verify(path, {.planes = true, .prepare = host::make_planes_readable}).outcome() ? "cli.demo_no" : "cli.demo_yes"));
  return row;
}

std::string as_table(const std::vector<Row>& rows) {
  std::vector<size_t> widths;
  for (const Row& row : rows)
    for (size_t i = 0; i < row.size(); ++i) {
      if (widths.size() <= i) widths.push_back(0);
      widths[i] = std::max(widths[i], width_of(row[i]));
    }
  std::string table;
  for (const Row& row : rows) {
    for (size_t i = 0; i < row.size(); ++i)
      table += row[i] + (i + 1 < row.size() ? std::string(widths[i] - width_of(row[i]) + 2, ' ') : "");
    table += '\n';
  }
  return table;
}

base::Result<std::vector<std::filesystem::path>> draw(const std::filesystem::path& path,
                                                      const std::filesystem::path& folder, base::Language language) {
  using Style = host::RenderRequest::Style;
  GARITA_TRY_ASSIGN(package, host::open_package(path));
  std::vector<std::filesystem::path> written;
  for (int view = 0; view < package.record.views_size(); ++view) {
    const std::string& name = package.record.views(view).name();
    const bool dual = package.reader.find_plane(name, "high") && package.reader.find_plane(name, "low");
    for (const Style style : {Style::grey, Style::dual}) {
      if (style == Style::dual && !dual) continue;
      GARITA_TRY_ASSIGN(image, host::render_view(package, view, {.style = style, .max_length = 1600, .language = language}));
      const auto target = folder / (path.stem().string() + "-" + name + (style == Style::dual ? "-colour.png" : "-grey.png"));
      GARITA_TRY(picture::write_png(target, image));
      written.push_back(target);
    }
  }
  if (const picture::PngImage chart = plot_readings(package.record); package.record.views().empty() && !chart.samples.empty()) {
    written.push_back(folder / (path.stem().string() + "-readings.png"));
    GARITA_TRY(picture::write_png(written.back(), chart));
  }
  return written;
}

}  // namespace garita::demo
