// One inspection as the two sides have it: the fields that people ask for, side by side; and a search for
// what must not be somewhere.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "core/base/text.hpp"
#include "tools/garita-demo/table.hpp"

namespace garita::demo {

// A row a field: its label, what the one has, what the other had at first and has now.
base::Result<std::vector<Row>> views_side_by_side(const std::filesystem::path& own,
                                                  const std::filesystem::path& first,
                                                  const std::filesystem::path& theirs,
                                                  base::Language language);

// How often a text stands in bytes: as it is, in hex, in Base64, and in whatever of them zstd unpacks.
size_t times_in(const std::string& bytes, const std::string& needle);

}  // namespace garita::demo
