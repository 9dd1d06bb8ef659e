// Text that was made outside, fit to stand in HTML and XML.
#pragma once

#include <string>
#include <string_view>

#include "core/base/text.hpp"

namespace garita::base {

// Printable (text.hpp), with & < > " ' as entities: for text between tags and for quoted attributes.
inline std::string escaped_markup(std::string_view text, size_t max_bytes = max_field_bytes) {
  std::string own;
  for (const char c : printable(text, max_bytes)) {
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

}  // namespace garita::base
