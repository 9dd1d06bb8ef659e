// All inspections of a fleet on one picture, in the same look.
#pragma once

#include <filesystem>
#include <vector>

#include "core/base/result.hpp"
#include "core/base/text.hpp"

namespace garita::demo {

// A PNG with one cell for each view of each package, in the order given: caption, legend and scale bar as in
// every picture of the house; of an inspection without views the chart of its readings. Returns how many
// cells there are; none: no file.
base::Result<unsigned> write_contact_sheet(const std::filesystem::path& target,
                                           const std::vector<std::filesystem::path>& packages,
                                           base::Language language);

}  // namespace garita::demo
