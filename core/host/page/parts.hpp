// The files of parts/, as they were when the program was built.
#pragma once

#include <span>

#include "core/base/embedded.hpp"

namespace garita::host {

std::span<const base::EmbeddedFile> page_parts();

}  // namespace garita::host
