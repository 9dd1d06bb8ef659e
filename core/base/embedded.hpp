// A file of the source tree, as it was when the program was built (garita_embed in tools/cmake).
#pragma once

#include <string_view>

namespace garita::base {

struct EmbeddedFile {
  std::string_view name, text;
};

}  // namespace garita::base
