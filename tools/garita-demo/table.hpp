// What the demo shows: one row a package, and pictures to open.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "core/base/text.hpp"

namespace garita::demo {

using Row = std::vector<std::string>;

Row headings(base::Language language);

// site, container, views, size, fidelity, quality, time, verified
base::Result<Row> row_of(const std::filesystem::path& package, base::Language language);

// Columns as wide as their widest cell.
std::string as_table(const std::vector<Row>& rows);

// A grey and, where two energies are there, a coloured PNG of every view; of an inspection without one a chart of its
// readings. Returns what was written.
base::Result<std::vector<std::filesystem::path>> draw(const std::filesystem::path& package,
                                                      const std::filesystem::path& folder, base::Language language);

}  // namespace garita::demo
