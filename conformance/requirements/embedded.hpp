// The TOML files of this folder, as they were when the kit was built.
#pragma once

#include <span>

#include "core/base/embedded.hpp"

namespace garita::conformance {

using base::EmbeddedFile;

std::span<const EmbeddedFile> embedded_files();

}  // namespace garita::conformance
