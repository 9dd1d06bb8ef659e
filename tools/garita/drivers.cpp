// garita drivers: what is installed, by manifest, without loading any code.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/base/digest.hpp"
#include "core/host/grants.hpp"
#include "core/load/manifest.hpp"
#include "tools/garita/commands.hpp"
#include "tools/garita/options.hpp"

namespace garita::cli {
namespace {

nlohmann::json to_json(const load::Found& found, const Terminal& terminal) {
  if (!found.manifest)
    return {{"manifest", found.path.string()},
            {"usable", false},
            {"error", {{"id", found.manifest.error().id}, {"text", base::render(found.manifest.error(), terminal.language)}}}};
  const load::Manifest& manifest = *found.manifest;
  nlohmann::json streams = nlohmann::json::array();
  for (const load::StreamDeclaration& stream : manifest.streams)
    streams.push_back({{"name", stream.name}, {"required", stream.required}});
  return {{"manifest", found.path.string()}, {"usable", true}, {"name", manifest.name}, {"id", manifest.id},
          {"vendor", manifest.vendor}, {"version", manifest.version}, {"licence", manifest.licence},
          {"abi", {load::abi_text(manifest.abi_min), load::abi_text(manifest.abi_max)}},
          {"models", manifest.models}, {"profiles", manifest.profiles}, {"capabilities", manifest.capabilities},
          {"streams", streams}, {"sha256", base::to_text(manifest.driver.sha256)}};
}

void print_table(const Terminal& terminal, const std::vector<load::Found>& found) {
  terminal.out << padded(terminal.text("cli.column_driver"), 16) << padded(terminal.text("cli.column_version"), 10)
               << padded("ABI", 10) << padded(terminal.text("cli.column_vendor"), 24)
               << terminal.text("cli.column_streams") << '\n';
  for (const load::Found& each : found) {
    if (!each.manifest) continue;
    const load::Manifest& manifest = *each.manifest;
    std::string streams;
    for (const load::StreamDeclaration& stream : manifest.streams) streams += (streams.empty() ? "" : ", ") + stream.name;
    terminal.out << padded(manifest.name, 16) << padded(manifest.version, 10)
                 << padded(load::abi_text(manifest.abi_min) + "-" + load::abi_text(manifest.abi_max), 10)
                 << padded(base::printable(manifest.vendor, 60), 24) << streams << '\n';
  }
}

}  // namespace

int drivers_command(const Terminal& terminal, const Arguments& arguments) {
  Options options(terminal, "drivers");
  options.value("driver-path", "FOLDER");
  auto parsed = options.parse(arguments);
  if (!parsed) return fail(terminal, parsed.error());
  if (!*parsed) return 0;

  const auto folders = host::driver_search_path(options.get("driver-path"));
  const std::vector<load::Found> found = load::find_drivers(folders);
  const bool all_usable = std::all_of(found.begin(), found.end(), [](const auto& each) { return each.manifest.ok(); });
  if (terminal.json) {
    nlohmann::json list = nlohmann::json::array();
    for (const load::Found& each : found) list.push_back(to_json(each, terminal));
    terminal.out << list.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) << '\n';
  } else if (found.empty()) {
    std::string where;
    for (const auto& folder : folders) where += (where.empty() ? "" : ":") + folder.string();
    terminal.out << terminal.text("cli.no_drivers", {{"folders", where}}) << '\n';
  } else {
    print_table(terminal, found);
    for (const load::Found& each : found)
      if (!each.manifest) terminal.err << "garita: " << base::render(each.manifest.error(), terminal.language) << '\n';
  }
  return all_usable ? 0 : 3;
}

}  // namespace garita::cli
