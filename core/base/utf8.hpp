// UTF-8 as RFC 3629 has it: no overlong forms, no surrogates, nothing above U+10FFFF.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace garita::base {

// One step through a text. An invalid sequence counts as its maximal valid prefix, at least one byte
// (Unicode 3.9).
struct CodePoint {
  char32_t value = 0xFFFD;
  uint32_t size_bytes = 1;
  bool valid = false;
};
CodePoint first_code_point(std::string_view text);  // of a text that is not empty

bool is_valid_utf8(std::string_view text);
std::string valid_utf8(std::string_view text);             // each invalid sequence becomes U+FFFD
void append_utf8(std::string& text, char32_t code_point);  // U+FFFD for what is none

// The longest beginning of at most max_bytes that does not end inside a code point.
std::string_view cut_at_code_point(std::string_view text, size_t max_bytes);

}  // namespace garita::base
