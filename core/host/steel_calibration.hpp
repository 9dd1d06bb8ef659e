// A scan of a wedge becomes the steel curves of the device that made it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"
#include "core/host/open_package.hpp"
#include "core/host/steel_store.hpp"
#include "core/host/wedge_places.hpp"

namespace garita::host {

// The table of steps as a spreadsheet writes it: a line `steel_mm,first_row,rows,first_column,columns`, then
// one of five numbers for each step; blank lines and what follows a # are passed over. At most 64 KiB and
// normalize::max_steel_steps. Errors: host.steel_table {line}; host.steel_table_empty.
base::Result<std::vector<SteelPlace>> parse_steel_table(std::string_view text);

// Measures each place in each canonical channel of the view and fits a curve a channel. Dead pixels and lost
// lines, as the record marks them, are left out. Nothing is kept: SteelStore::keep does that. Errors:
// host.steel_no_view {view}, host.steel_not_transmission {view}, host.steel_outside {steel_mm}, what reading
// and SteelCurve::fit answer.
base::Result<std::vector<StoredCurve>> calibrate_steel(OpenPackage& package, const std::string& view,
                                                       const std::vector<SteelPlace>& places);

}  // namespace garita::host
