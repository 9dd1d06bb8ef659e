#include "tools/garita/look.hpp"

#include <algorithm>

#include "core/base/digest.hpp"
#include "core/base/state.hpp"

namespace garita::cli {

base::Result<void> ask_to_look(const Options& options, exchange::Act act, const host::OpenPackage& package,
                               const std::string& file) {
  std::optional<std::filesystem::path> given;
  if (options.has("state")) given = options.get("state");
  const auto state = base::find_state_folder(given);
  std::error_code none;
  // Where the package lies in a site's folder, that site is asked whatever was given, and gets the line too.
  std::vector<std::filesystem::path> sites = exchange::sites_of(file);
  if (state && (given || std::filesystem::exists(*state, none))) {
    const auto own = std::filesystem::weakly_canonical(*state, none);
    if (std::ranges::find(sites, own) == sites.end()) sites.push_back(*state);
  }
  for (const std::filesystem::path& site : sites)
    GARITA_TRY(exchange::look(site, act, base::to_text(package.reader.root()), file));
  return {};
}

}  // namespace garita::cli
