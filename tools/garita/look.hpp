// Who may see what was scanned, asked and written down before anything of it is shown.
#pragma once

#include "core/exchange/audit/roles.hpp"
#include "core/host/open_package.hpp"
#include "tools/garita/options.hpp"

namespace garita::cli {

// Of each site in whose folder the package lies, and of the site of this machine (--state, else where it lies
// by itself): its roles.toml says who may, its log gets a line; all must allow. Where there is no such site
// nobody is asked. "exchange.role_missing"; an error of a log is a refusal too.
base::Result<void> ask_to_look(const Options& options, exchange::Act act, const host::OpenPackage& package,
                               const std::string& file);

}  // namespace garita::cli
