// garita fleet check | render fleet.toml, keys: the NATS servers between the sites, their mistakes before
// they run, and their configurations.

#include "core/host/exchange/fleet.hpp"
#include "core/base/clock.hpp"
#include "core/host/exchange/keys.hpp"
#include "core/host/site/site_config.hpp"
#include "tools/garita/commands.hpp"
#include "tools/garita/options.hpp"
#include "tools/garita/ordered_json.hpp"

namespace garita::cli {
namespace {

Json to_json(const Terminal& terminal, const std::vector<host::ConfigProblem>& problems) {
  Json all = Json::array();
  for (const host::ConfigProblem& problem : problems)
    all.push_back({{"id", problem.error.id},
                   {"line", problem.place.line},
                   {"text", base::render(problem.error, terminal.language)}});
  return all;
}

int tell_mistakes(const Terminal& terminal, const std::string& file, const host::CheckedFleet& fleet) {
  for (const host::ConfigProblem& problem : fleet.problems)
    terminal.err << host::render_problem(file, problem, terminal.language) << '\n';
  terminal.err << terminal.text("cli.fleet_bad",
                                {{"file", file}, {"count", std::to_string(fleet.problems.size())}})
               << '\n';
  return 1;
}

// ---- check

int check(const Terminal& terminal, const std::string& file, const host::CheckedFleet& fleet) {
  const auto& plan = fleet.plan;
  if (terminal.json) {
    terminal.out << dump({{"file", file},
                          {"good", fleet.good()},
                          {"servers", plan.servers.size()},
                          {"sites", plan.sites.size()},
                          {"problems", to_json(terminal, fleet.problems)}})
                 << '\n';
    return fleet.good() ? 0 : 1;
  }
  if (!fleet.good()) return tell_mistakes(terminal, file, fleet);
  terminal.out << terminal.text("cli.fleet_good", {{"file", file},
                                                   {"servers", std::to_string(plan.servers.size())},
                                                   {"sites", std::to_string(plan.sites.size())}})
               << '\n';
  return 0;
}

// ---- render

void tell_machines(const Terminal& terminal, const exchange::RenderedFleet& rendered,
                   const std::string& folder) {
  Json all = Json::array();
  for (const exchange::FleetMachine& machine : rendered.machines) {
    all.push_back({{"name", machine.name},
                   {"host", machine.host},
                   {"folder", machine.folder},
                   {"files", machine.files},
                   {"key", machine.key}});
    if (!terminal.json)
      terminal.out << terminal.text("cli.fleet_machine", {{"name", machine.name},
                                                          {"host", machine.host},
                                                          {"folder", machine.folder},
                                                          {"files", host::listed(machine.files)},
                                                          {"key", machine.key}})
                   << '\n';
  }
  if (terminal.json)
    terminal.out << dump({{"folder", folder}, {"machines", all}}) << '\n';
  else
    terminal.out << terminal.text("cli.fleet_rendered", {{"folder", folder}}) << '\n';
}

int render(const Terminal& terminal, const Options& options, const std::string& file,
           const host::CheckedFleet& fleet) {
  const auto out = options.required("out");
  if (!out) return fail(terminal, out.error());
  if (!fleet.good())
    return terminal.json ? check(terminal, file, fleet) : tell_mistakes(terminal, file, fleet);
  const auto rendered = exchange::render_fleet(fleet.plan, base::system_clock().utc_ns());
  if (!rendered) return fail(terminal, rendered.error());
  if (const auto written = host::write_fleet(*rendered, *out); !written)
    return fail(terminal, written.error());
  tell_machines(terminal, *rendered, *out);
  return 0;
}

// ---- keys

int make_keys(const Terminal& terminal, const Options& options) {
  for (const char* needed : {"out", "name"})
    if (const auto given = options.required(needed); !given) return fail(terminal, given.error());
  if (options.all("host").empty()) return fail(terminal, options.missing("host"));
  const auto days = options.number("days", 365, 1, 36'500);
  if (!days) return fail(terminal, days.error());
  const std::string name = options.get("name");
  const auto pin =
      host::make_node_keys(options.get("out"), name, options.all("host"), static_cast<unsigned>(*days));
  if (!pin) return fail(terminal, pin.error());
  if (terminal.json)
    terminal.out << dump({{"name", name}, {"pin", base::to_text(*pin)}}) << '\n';
  else
    terminal.out << terminal.text("cli.fleet_keys_made", {{"name", name}, {"folder", options.get("out")}})
                 << '\n';
  return 0;
}

}  // namespace

int fleet_command(const Terminal& terminal, const Arguments& arguments) {
  Options options(terminal, "fleet");
  options.positional("action", "check|render|keys").positional("file");
  options.value("out", "FOLDER").value("name", "NAME").list("host", "HOST").value("days", "N");
  options.usage("check FILE, render FILE --out FOLDER, keys --out FOLDER --name NAME --host HOST");
  auto parsed = options.parse(arguments);
  if (!parsed) return fail(terminal, parsed.error());
  if (!*parsed) return 0;
  const std::string action = options.get("action"), file = options.get("file");
  if (action == "keys" && file.empty()) return make_keys(terminal, options);
  if ((action != "check" && action != "render") || file.empty())
    return fail(terminal, usage_error("cli.fleet_usage", {}));
  const auto fleet = host::check_fleet(file, terminal.language, base::system_clock().utc_ns());
  if (!fleet) return fail(terminal, fleet.error());
  return action == "check" ? check(terminal, file, *fleet) : render(terminal, options, file, *fleet);
}

}  // namespace garita::cli
