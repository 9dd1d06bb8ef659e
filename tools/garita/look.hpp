// Who may see what was scanned, asked and written down before anything of it is shown.
#pragma once

#include "core/exchange/audit/roles.hpp"
#include "core/host/open_package.hpp"
#include "tools/garita/options.hpp"

namespace garita::cli {

// In the state folder of the site (--state, else where it lies by itself): its roles.toml says who may, its
// log gets a line. Where no site has a folder on this machine, nobody is asked. "exchange.role_missing"; an
// error of the log is a refusal too.
base::Result<void> ask_to_look(const Options& options, exchange::Act act, const host::OpenPackage& package,
                               const std::string& file);

}  // namespace garita::cli
