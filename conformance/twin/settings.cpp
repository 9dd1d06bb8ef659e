#include "conformance/twin/settings.hpp"

#include <algorithm>
#include <cmath>

#include "core/base/file.hpp"
#include "core/base/toml.hpp"

namespace garita::conformance {
namespace {

constexpr int64_t least_side = 32, most_side = 4096;
constexpr double least_tolerance = 0.00002, most_tolerance = 0.02;
constexpr size_t most_parts = 256, least_parts = 3, most_channels = 8;

base::Error bad(const char* id, const std::filesystem::path& path, std::string what) {
  return {base::Outcome::usage, id, {{"path", path.string()}, {"what", std::move(what)}}};
}

base::Result<toml::table> table_of(const char* id, const std::filesystem::path& path) {
  GARITA_TRY_ASSIGN(text, base::read_text_file(path, max_settings_bytes));
  try {
    return base::parse_toml(text);
  } catch (const toml::parse_error& error) {
    return bad(id, path, std::string(error.description()));
  }
}

// How much of a beam of a few MeV something takes away, roughly: enough to tell thick from thin and steel
// from paper.
double shade_of_steel(double millimetres) { return 1 - std::exp(-millimetres / 40); }

double shade_of(const std::string& material) {
  if (material == "steel") return shade_of_steel(20);
  if (material == "aluminium") return shade_of_steel(7);
  return shade_of_steel(5);
}

bool take_place(const toml::table& row, ObjectPart& part) {
  const toml::array* const place = row["place"].as_array();
  double* const sides[] = {&part.x0, &part.y0, &part.x1, &part.y1};
  if (!place || place->size() != std::size(sides)) return false;
  for (size_t i = 0; i < std::size(sides); ++i) {
    const auto value = (*place)[i].value<double>();
    if (!value || !std::isfinite(*value) || std::abs(*value) > 1e6) return false;
    *sides[i] = *value;
  }
  return part.x0 < part.x1 && part.y0 < part.y1;
}

base::Result<void> take_parts(const toml::table& table, const char* kind, const std::filesystem::path& path,
                              std::vector<ObjectPart>& parts) {
  const toml::array* const rows = table[kind].as_array();
  if (!rows) return {};
  for (const toml::node& node : *rows) {
    ObjectPart part;
    const toml::table* const row = node.as_table();
    if (!row || !take_place(*row, part) || parts.size() >= most_parts)
      return bad("conform.bad_object", path, kind);
    part.steel_mm = std::string_view(kind) == "step" ? (*row)["thickness_mm"].value<double>().value_or(0) : 0;
    part.name = (*row)["name"].value<std::string>().value_or(kind);
    part.shade = part.steel_mm > 0 ? shade_of_steel(part.steel_mm) : shade_of(part.name);
    parts.push_back(part);
  }
  return {};
}

}  // namespace

base::Result<TwinSettings> read_twin(const std::filesystem::path& path) {
  GARITA_TRY_ASSIGN(table, table_of("conform.bad_twin", path));
  TwinSettings own;
  const auto manifest = table["manifest"].value<std::string>().value_or("");
  own.manifest = std::filesystem::absolute(path).parent_path() / manifest;
  own.stream = table["stream"].value<std::string>().value_or("");
  const int64_t rows = table["rows"].value<int64_t>().value_or(0),
                columns = table["columns"].value<int64_t>().value_or(0);
  own.tolerance = table["tolerance"].value<double>().value_or(0);
  if (const toml::array* const channels = table["channels"].as_array())
    for (const toml::node& each : *channels) own.channels.push_back(each.value<std::string>().value_or(""));
  if (manifest.empty()) return bad("conform.bad_twin", path, "manifest");
  if (own.stream.empty()) return bad("conform.bad_twin", path, "stream");
  if (rows < least_side || rows > most_side) return bad("conform.bad_twin", path, "rows");
  if (columns < least_side || columns > most_side) return bad("conform.bad_twin", path, "columns");
  if (own.channels.empty() || own.channels.size() > most_channels)
    return bad("conform.bad_twin", path, "channels");
  if (!(own.tolerance >= least_tolerance && own.tolerance <= most_tolerance))
    return bad("conform.bad_twin", path, "tolerance");
  own.rows = static_cast<uint32_t>(rows);
  own.columns = static_cast<uint32_t>(columns);
  return own;
}

base::Result<ObjectSettings> read_object(const std::filesystem::path& recording) {
  GARITA_TRY_ASSIGN(table, table_of("conform.bad_object", recording));
  ObjectSettings own;
  const auto truth = table["truth"];
  const std::string object = truth["object"].value<std::string>().value_or("");
  own.view = truth["view"].value<std::string>().value_or("");
  own.witness = truth["witness"].value<std::string>().value_or("");
  if (object.empty()) return bad("conform.bad_object", recording, "truth.object");
  if (own.view.empty()) return bad("conform.bad_object", recording, "truth.view");
  const toml::array* const pitch = truth["pitch_mm"].as_array();
  own.pitch_column_mm = pitch && pitch->size() == 2 ? (*pitch)[0].value<double>().value_or(0) : 0;
  own.pitch_row_mm = pitch && pitch->size() == 2 ? (*pitch)[1].value<double>().value_or(0) : 0;
  for (const double each : {own.pitch_column_mm, own.pitch_row_mm})
    if (!(each >= 0.01 && each <= 1000)) return bad("conform.bad_object", recording, "truth.pitch_mm");
  const auto path = own.object = std::filesystem::absolute(recording).parent_path() / object;
  GARITA_TRY_ASSIGN(parts, table_of("conform.bad_object", path));
  GARITA_TRY(take_parts(parts, "step", path, own.parts));
  GARITA_TRY(take_parts(parts, "material", path, own.parts));
  if (own.parts.size() < least_parts) return bad("conform.bad_object", path, "[[step]]");
  return own;
}

}  // namespace garita::conformance
