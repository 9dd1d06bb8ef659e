// garita driver install|update|rollback|list: the drivers that a site installed itself. A running site takes
// them between two scans.
#include <nlohmann/json.hpp>

#include "core/base/state.hpp"
#include "core/host/site/driver_store.hpp"
#include "tools/garita/commands.hpp"
#include "tools/garita/options.hpp"

namespace garita::cli {
namespace {

nlohmann::json to_json(const host::InstalledDriver& driver) {
  return {{"driver", driver.name},
          {"version", driver.version},
          {"folder", driver.folder},
          {"sha256", base::to_text(driver.sha256)},
          {"current", driver.current}};
}

int list(const Terminal& terminal, const host::DriverStore& store) {
  nlohmann::json drivers = nlohmann::json::array();
  for (const host::InstalledDriver& driver : store.list()) {
    drivers.push_back(to_json(driver));
    if (!terminal.json)
      terminal.out << (driver.current ? "* " : "  ") << padded(driver.name, 20) << padded(driver.version, 12)
                   << base::to_text(driver.sha256).substr(0, 16) << '\n';
  }
  if (terminal.json)
    terminal.out << drivers.dump() << '\n';
  else if (drivers.empty())
    terminal.out << terminal.text("cli.driver_none") << '\n';
  return 0;
}

int tell(const Terminal& terminal, const base::Result<host::InstalledDriver>& done) {
  if (!done) return fail(terminal, done.error());
  if (terminal.json)
    terminal.out << to_json(*done).dump() << '\n';
  else
    terminal.out << terminal.text("cli.driver_current",
                                  {{"driver", done->name},
                                   {"version", done->version},
                                   {"digest", base::to_text(done->sha256).substr(0, 16)}})
                 << '\n';
  return 0;
}

}  // namespace

int driver_command(const Terminal& terminal, const Arguments& arguments) {
  Options options(terminal, "driver");
  options.value("state", "FOLDER").positional("WHAT");
  const std::string action = arguments.empty() ? "" : arguments.front();
  auto parsed =
      options.parse(arguments.empty() ? arguments : Arguments(arguments.begin() + 1, arguments.end()));
  if (!parsed) return fail(terminal, parsed.error());
  if (!*parsed) return 0;
  std::optional<std::filesystem::path> given;
  if (options.has("state")) given = options.get("state");
  auto state = base::find_state_folder(given);
  if (!state) return fail(terminal, state.error());
  host::DriverStore store(*state);
  if (action == "list") return list(terminal, store);
  auto what = options.required("WHAT");
  if (!what) return fail(terminal, usage_error("cli.driver_usage", {}));
  if (action == "install" || action == "update")
    return tell(terminal, store.install(*what, action == "update"));
  if (action == "rollback") return tell(terminal, store.rollback(*what));
  return fail(terminal, usage_error("cli.driver_usage", {}));
}

}  // namespace garita::cli
