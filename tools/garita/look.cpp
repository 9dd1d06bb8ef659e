#include "tools/garita/look.hpp"

#include "core/base/digest.hpp"
#include "core/base/state.hpp"

namespace garita::cli {

base::Result<void> ask_to_look(const Options& options, exchange::Act act, const host::OpenPackage& package,
                               const std::string& file) {
  std::optional<std::filesystem::path> given;
  if (options.has("state")) given = options.get("state");
  const auto state = base::find_state_folder(given);
  std::error_code none;
  if (!state || (!given && !std::filesystem::exists(*state, none))) return {};
  return exchange::look(*state, act, base::to_text(package.reader.root()), file);
}

}  // namespace garita::cli
