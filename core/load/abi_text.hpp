// A text of ours as the ABI has it: not copied; it lives as long as what it was made of. Private to
// core/load.
#pragma once

#include <string_view>

#include "garita/value.h"

namespace garita::load {

inline garita_text text_of(std::string_view text) {
  return {text.data(), static_cast<uint32_t>(text.size()), 0};
}

}  // namespace garita::load
