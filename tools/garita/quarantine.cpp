// garita quarantine list | release DIGEST: drivers that tried to leave their box, and the person who lets one
// run again.
#include <nlohmann/json.hpp>

#include "core/base/clock.hpp"
#include "core/base/digest.hpp"
#include "core/base/state.hpp"
#include "core/host/evidence.hpp"
#include "core/host/quarantine.hpp"
#include "tools/garita/commands.hpp"
#include "tools/garita/options.hpp"

namespace garita::cli {
namespace {

nlohmann::json to_json(const host::Quarantined& entry) {
  return {
      {"driver", entry.driver},    {"vendor", entry.vendor}, {"version", entry.version},
      {"policy", entry.policy},    {"class", entry.kind},    {"sha256", base::to_text(entry.sha256)},
      {"call", entry.call},        {"target", entry.target}, {"since", base::format_utc(entry.since_utc_ns)},
      {"attempts", entry.attempts}};
}

std::string dump(const nlohmann::json& json) {
  return json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace);
}

int list(const Terminal& terminal, const std::filesystem::path& state) {
  const std::vector<host::Quarantined> entries = host::Quarantine(state).list();
  if (terminal.json) {
    nlohmann::json all = nlohmann::json::array();
    for (const host::Quarantined& entry : entries) all.push_back(to_json(entry));
    terminal.out << dump(all) << '\n';
    return 0;
  }
  if (entries.empty()) terminal.out << terminal.text("cli.quarantine_empty") << '\n';
  for (const host::Quarantined& entry : entries)
    terminal.out << terminal.text("cli.quarantine_entry",
                                  {{"digest", base::to_text(entry.sha256)},
                                   {"driver", entry.driver.empty() ? "?" : entry.driver},
                                   {"version", entry.version},
                                   {"since", base::format_utc(entry.since_utc_ns, 0)},
                                   {"class", entry.kind},
                                   {"call", entry.call},
                                   {"target", entry.target},
                                   {"attempts", std::to_string(entry.attempts)}})
                 << '\n';
  return 0;
}

int release(const Terminal& terminal, const std::filesystem::path& state, const std::string& given) {
  const auto digest = base::parse_digest(given);
  if (!digest) return fail(terminal, usage_error("cli.bad_digest", {{"given", given}}));
  auto released = host::Quarantine(state).release(*digest);
  if (!released) return fail(terminal, released.error());
  // Who lets a driver run again is part of the story.
  if (auto kept = host::append_audit(
          state, "quarantine.released",
          to_json(*released).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
      !kept)
    return fail(terminal, kept.error());
  if (terminal.json)
    terminal.out << dump(to_json(*released)) << '\n';
  else
    terminal.out << terminal.text("cli.quarantine_released",
                                  {{"driver", released->driver}, {"digest", given}})
                 << '\n';
  return 0;
}

}  // namespace

int quarantine_command(const Terminal& terminal, const Arguments& arguments) {
  Arguments rest = arguments;
  const std::string what = rest.empty() || rest.front().starts_with('-') ? "" : rest.front();
  if (!what.empty()) rest.erase(rest.begin());
  Options options(terminal, "quarantine");
  options.value("state", "FOLDER").positional("digest");
  auto parsed = options.parse(rest);
  if (!parsed) return fail(terminal, parsed.error());
  if (!*parsed) return 0;
  std::optional<std::filesystem::path> given;
  if (options.has("state")) given = options.get("state");
  auto state = base::find_state_folder(given);
  if (!state) return fail(terminal, state.error());
  if (what == "list" && !options.has("digest")) return list(terminal, *state);
  if (what == "release" && options.has("digest")) return release(terminal, *state, options.get("digest"));
  return fail(terminal, usage_error("cli.bad_quarantine", {{"given", what}}));
}

}  // namespace garita::cli
