// Chinese text as older machines store it.
#pragma once

#include <string>
#include <string_view>

#include "drivers/nuctech/wire.hpp"

namespace garita::sim {

// The text in GB18030; in UTF-8 where this system does not know the charset.
nuctech::Text gb18030(std::string_view utf8);

}  // namespace garita::sim
