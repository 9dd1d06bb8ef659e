// garita calibrate steel: from the scan of a wedge, what later scans of that device are in millimetres of
// steel.
#include <nlohmann/json.hpp>

#include "core/base/state.hpp"
#include "core/host/evidence.hpp"
#include "core/host/steel_calibration.hpp"
#include "tools/garita/commands.hpp"
#include "tools/garita/options.hpp"

namespace garita::cli {
namespace {

constexpr uint64_t max_table_bytes = 64u << 10;

struct Request {
  std::filesystem::path package, state;
  std::string view;
  std::vector<host::SteelPlace> places;
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
  GARITA_TRY_ASSIGN(places, host::parse_steel_table(text));
  request.package = file;
  request.state = folder;
  request.view = view;
  request.places = places;
  return request;
}

nlohmann::json to_json(const host::StoredCurve& stored) {
  return {{"view", stored.view},
          {"channel", stored.channel},
          {"thickest_mm", stored.curve.thickest_mm()},
          {"min_transmission", stored.curve.min_transmission()},
          {"wedge", stored.wedge}};
}

base::Result<std::vector<host::StoredCurve>> calibrate(const Request& request) {
  GARITA_TRY_ASSIGN(package, host::open_package(request.package));
  GARITA_TRY_ASSIGN(curves, host::calibrate_steel(package, request.view, request.places));
  const host::SteelStore store(request.state);
  for (const host::StoredCurve& curve : curves) {
    GARITA_TRY(store.keep(package.record, curve));
    nlohmann::json audit = to_json(curve);
    audit["driver"] = package.record.device().driver_id();
    audit["place"] = host::SteelStore::place_of(package.record).value_or("");
    GARITA_TRY(host::append_audit(request.state, "steel",
                                  audit.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace)));
  }
  return curves;
}

}  // namespace

int calibrate_command(const Terminal& terminal, const Arguments& given) {
  Arguments arguments = given;
  const bool asks_help = !arguments.empty() && (arguments[0] == "--help" || arguments[0] == "-h");
  if (!asks_help && (arguments.empty() || arguments[0] != "steel"))
    return fail(terminal,
                usage_error("cli.calibrate_what", {{"given", arguments.empty() ? "" : arguments[0]}}));
  if (!asks_help) arguments.erase(arguments.begin());
  Options options(terminal, "calibrate");
  options.positional("file").value("view", "NAME").value("steps", "TABLE").value("state", "FOLDER");
  auto parsed = options.parse(arguments);
  if (!parsed) return fail(terminal, parsed.error());
  if (!*parsed) return 0;
  auto request = request_of(options);
  if (!request) return fail(terminal, request.error());
  auto curves = calibrate(*request);
  if (!curves) return fail(terminal, curves.error());

  nlohmann::json json = nlohmann::json::array();
  for (const host::StoredCurve& curve : *curves) {
    json.push_back(to_json(curve));
    if (terminal.json) continue;
    char thickest[32];
    std::snprintf(thickest, sizeof thickest, "%.1f", curve.curve.thickest_mm());
    terminal.out << terminal.text(
                        "cli.calibrated",
                        {{"view", curve.view}, {"channel", curve.channel}, {"thickest_mm", thickest}})
                 << '\n';
  }
  if (terminal.json) terminal.out << nlohmann::json{{"curves", json}}.dump() << '\n';
  return 0;
}

}  // namespace garita::cli
