// Text that was made outside, fit to stand in the report.
#pragma once

#include "core/base/markup.hpp"

namespace garita::conformance {

inline constexpr size_t max_markup_text_bytes = 4000;

inline std::string escaped(std::string_view text) { return base::escaped_markup(text, max_markup_text_bytes); }

}  // namespace garita::conformance
