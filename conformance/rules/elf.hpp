// The dynamic symbols of a driver's binary, read without loading it. The file is outside data.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "core/base/result.hpp"

namespace garita::conformance {

struct Symbols {
  std::vector<std::string> exported;  // defined, for others to see
  std::vector<std::string> imported;
};

// Errors: base.file_*, conform.no_elf {path}.
base::Result<Symbols> read_symbols(const std::filesystem::path& path);

}  // namespace garita::conformance
