// Text that was made outside, fit to stand in HTML and XML.
#pragma once

#include <string>
#include <string_view>

#include "core/base/text.hpp"

namespace garita::conformance {

inline constexpr size_t max_markup_text_bytes = 4000;

// Printable (core/base/text.hpp), with & < > " ' as entities.
inline std::string escaped(std::string_view text) {
  std::string own;
  for (const char c : base::printable(text, max_markup_text_bytes)) {
    switch (c) {
      case '&':
        own += "&amp;";
        break;
      case '<':
        own += "&lt;";
        break;
      case '>':
        own += "&gt;";
        break;
      case '"':
        own += "&quot;";
        break;
      case '\'':
        own += "&#39;";
        break;
      default:
        own += c;
    }
  }
  return own;
}

}  // namespace garita::conformance
