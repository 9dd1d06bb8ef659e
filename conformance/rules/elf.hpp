// The dynamic symbols of a driver's binary and how it was built, read without loading it. The file is outside data.
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

// What the loader is asked to do with the binary.
struct Build {
  bool relro = false;             // relocated data turns read-only
  bool bind_now = false;          // every symbol is bound at load
  bool executable_stack = false;  // asked for, or not forbidden
  bool writable_code = false;     // a segment is writable and executable
  bool text_relocations = false;
  bool build_id = false;
  std::string search_path;             // RPATH or RUNPATH; empty: none
  std::vector<std::string> libraries;  // NEEDED
  std::vector<std::string> versions;   // of symbols that it needs: "GLIBC_2.34", "GLIBCXX_3.4.30"
};

// Errors: base.file_*, conform.no_elf {path}.
base::Result<Build> read_build(const std::filesystem::path& path);
base::Result<Symbols> read_symbols(const std::filesystem::path& path);

}  // namespace garita::conformance
