// garita calibrate steel | material: from the scan of a wedge, what later scans of that device are in
// millimetres of steel; from the scan of known materials, which material they show.
#include <cmath>
#include <nlohmann/json.hpp>

#include "core/base/state.hpp"
#include "core/host/evidence.hpp"
#include "core/host/material_calibration.hpp"
#include "core/host/steel_calibration.hpp"
#include "tools/garita/commands.hpp"
#include "tools/garita/options.hpp"

namespace garita::cli {
namespace {

constexpr uint64_t max_table_bytes = 64u << 10;

struct Request {
  std::filesystem::path package, state;
  std::string view, table;
};

base::Result<Request> request_of(const Options& options) {
  Request request;
  GARITA_TRY_ASSIGN(file, options.required("file"));
  GARITA_TRY_ASSIGN(view, options.required("view"));
  GARITA_TRY_ASSIGN(table, options.required("steps"));
  std::optional<std::filesystem::path> state;
  if (options.has("state")) state = options.get("state");
  GARITA_TRY_ASSIGN(folder, base::find_state_folder(state));
  GARITA_TRY_ASSIGN(text, base::read_text_file(table, max_table_bytes));
  request.package = file;
  request.state = folder;
  request.view = view;
  request.table = text;
  return request;
}

base::Result<void> audit(const Request& request, const char* kind, const v1::Inspection& record,
                         nlohmann::json entry) {
  entry["driver"] = record.device().driver_id();
  entry["place"] = host::SteelStore::place_of(record).value_or("");
  GARITA_TRY(host::append_audit(request.state, kind,
                                entry.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace)));
  return {};
}

std::string rounded(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f", value);
  return text;
}

// ---- Steel

nlohmann::json to_json(const host::StoredCurve& stored) {
  return {{"view", stored.view},
          {"channel", stored.channel},
          {"thickest_mm", stored.curve.thickest_mm()},
          {"min_transmission", stored.curve.min_transmission()},
          {"wedge", stored.wedge}};
}

base::Result<std::vector<host::StoredCurve>> learn_steel(const Request& request) {
  GARITA_TRY_ASSIGN(places, host::parse_steel_table(request.table));
  GARITA_TRY_ASSIGN(package, host::open_package(request.package));
  GARITA_TRY_ASSIGN(curves, host::calibrate_steel(package, request.view, places));
  const host::SteelStore store(request.state);
  for (const host::StoredCurve& curve : curves) {
    GARITA_TRY(store.keep(package.record, curve));
    GARITA_TRY(audit(request, "steel", package.record, to_json(curve)));
  }
  return curves;
}

int calibrate_steel(const Terminal& terminal, const Request& request) {
  auto curves = learn_steel(request);
  if (!curves) return fail(terminal, curves.error());
  nlohmann::json json = nlohmann::json::array();
  for (const host::StoredCurve& curve : *curves) {
    json.push_back(to_json(curve));
    if (terminal.json) continue;
    terminal.out << terminal.text("cli.calibrated", {{"view", curve.view},
                                                     {"channel", curve.channel},
                                                     {"thickest_mm", rounded(curve.curve.thickest_mm())}})
                 << '\n';
  }
  if (terminal.json) terminal.out << nlohmann::json{{"curves", json}}.dump() << '\n';
  return 0;
}

// ---- Materials

nlohmann::json to_json(const host::StoredMaterials& stored) {
  return {{"view", stored.view},
          {"most_transmission", std::exp(-stored.curves.first_attenuation())},
          {"least_transmission", std::exp(-stored.curves.last_attenuation())},
          {"wedge", stored.wedge}};
}

base::Result<host::StoredMaterials> learn_materials(const Request& request) {
  GARITA_TRY_ASSIGN(places, host::parse_material_table(request.table));
  GARITA_TRY_ASSIGN(package, host::open_package(request.package));
  GARITA_TRY_ASSIGN(materials, host::calibrate_materials(package, request.view, places));
  GARITA_TRY(host::MaterialStore(request.state).keep(package.record, materials));
  GARITA_TRY(audit(request, "material", package.record, to_json(materials)));
  return materials;
}

int calibrate_materials(const Terminal& terminal, const Request& request) {
  auto materials = learn_materials(request);
  if (!materials) return fail(terminal, materials.error());
  if (terminal.json) {
    terminal.out << nlohmann::json{{"materials", to_json(*materials)}}.dump() << '\n';
    return 0;
  }
  terminal.out << terminal.text("cli.calibrated_material",
                                {{"view", materials->view},
                                 {"most", rounded(100 * std::exp(-materials->curves.first_attenuation()))},
                                 {"least", rounded(100 * std::exp(-materials->curves.last_attenuation()))}})
               << '\n';
  return 0;
}

}  // namespace

int calibrate_command(const Terminal& terminal, const Arguments& given) {
  Arguments arguments = given;
  const bool asks_help = !arguments.empty() && (arguments[0] == "--help" || arguments[0] == "-h");
  const std::string what = arguments.empty() ? "" : arguments[0];
  if (!asks_help && what != "steel" && what != "material")
    return fail(terminal, usage_error("cli.calibrate_what", {{"given", what}}));
  if (!asks_help) arguments.erase(arguments.begin());
  Options options(terminal, "calibrate");
  options.positional("file").value("view", "NAME").value("steps", "TABLE").value("state", "FOLDER");
  auto parsed = options.parse(arguments);
  if (!parsed) return fail(terminal, parsed.error());
  if (!*parsed) return 0;
  auto request = request_of(options);
  if (!request) return fail(terminal, request.error());
  return what == "steel" ? calibrate_steel(terminal, *request) : calibrate_materials(terminal, *request);
}

}  // namespace garita::cli
