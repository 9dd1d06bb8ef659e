// The TOML files of this folder, as they were when the kit was built.
#pragma once

#include <span>
#include <string_view>

namespace garita::conformance {

struct EmbeddedFile {
  std::string_view name, text;
};

std::span<const EmbeddedFile> embedded_files();

}  // namespace garita::conformance
