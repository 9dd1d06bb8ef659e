// garita config check FILE: every mistake of a site's configuration, each in a sentence with its line.
#include <nlohmann/json.hpp>

#include "core/base/state.hpp"
#include "core/host/grants.hpp"
#include "core/host/site/driver_store.hpp"
#include "core/host/site/site_config.hpp"
#include "tools/garita/commands.hpp"
#include "tools/garita/options.hpp"

namespace garita::cli {
namespace {

nlohmann::json to_json(const Terminal& terminal, const host::ConfigProblem& problem) {
  nlohmann::json fields = nlohmann::json::object();
  for (const base::Field& field : problem.error.fields) fields[field.name] = field.value;
  return {{"line", problem.place.line}, {"column", problem.place.column},
          {"warning", problem.warning}, {"id", problem.error.id},
          {"fields", fields},           {"text", base::render(problem.error, terminal.language)}};
}

int tell(const Terminal& terminal, const std::string& file, const host::CheckedSite& site) {
  if (terminal.json) {
    nlohmann::json problems = nlohmann::json::array();
    for (const auto& problem : site.problems) problems.push_back(to_json(terminal, problem));
    const nlohmann::json report = {{"file", file},
                                   {"good", site.good()},
                                   {"lanes", site.plan.lanes.size()},
                                   {"devices", site.plan.devices()},
                                   {"problems", problems}};
    terminal.out << report.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) << '\n';
    return site.good() ? 0 : 1;
  }
  size_t mistakes = 0;
  for (const auto& problem : site.problems) {
    mistakes += problem.warning ? 0 : 1;
    terminal.err << (problem.warning ? terminal.text("cli.config_warning") + ": " : "")
                 << host::render_problem(file, problem, terminal.language) << '\n';
  }
  if (site.good())
    terminal.out << terminal.text("cli.config_good", {{"file", file},
                                                      {"lanes", std::to_string(site.plan.lanes.size())},
                                                      {"devices", std::to_string(site.plan.devices())}})
                 << '\n';
  else
    terminal.err << terminal.text("cli.config_bad", {{"file", file}, {"count", std::to_string(mistakes)}})
                 << '\n';
  return site.good() ? 0 : 1;
}

}  // namespace

int config_command(const Terminal& terminal, const Arguments& arguments) {
  if (!arguments.empty() && !arguments.front().starts_with("-") && arguments.front() != "check")
    return fail(terminal, usage_error("cli.config_usage", {}));
  Arguments rest = arguments;
  if (!rest.empty() && rest.front() == "check") rest.erase(rest.begin());
  Options options(terminal, "config");
  options.value("driver-path", "FOLDER").value("state", "FOLDER").positional("FILE");
  auto parsed = options.parse(rest);
  if (!parsed) return fail(terminal, parsed.error());
  if (!*parsed) return 0;
  auto file = options.required("FILE");
  if (!file || arguments.front() != "check") return fail(terminal, usage_error("cli.config_usage", {}));
  host::DriverFolders drivers{{}, host::driver_search_path(options.get("driver-path"))};
  std::optional<std::filesystem::path> state;
  if (options.has("state")) state = options.get("state");
  if (const auto found = base::find_state_folder(state)) drivers.installed = host::installed_drivers(*found);
  const auto checked = host::check_site(*file, drivers);
  return checked ? tell(terminal, *file, *checked) : fail(terminal, checked.error());
}

}  // namespace garita::cli
