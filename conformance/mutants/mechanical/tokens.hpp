// C++ as far as one must know it to change a token: where words, numbers and signs are, and where none may be
// touched.
#pragma once

#include <string_view>
#include <vector>

namespace garita::conformance::mechanical {

struct Token {
  enum class Kind { word, number, sign, text } kind = Kind::sign;  // text: a string or a character
  size_t offset = 0;
  std::string_view text;  // of the source, which outlives the token
};

// Without comments and preprocessor lines. An end within a string or a comment ends the list there.
std::vector<Token> tokens_of(std::string_view source);

}  // namespace garita::conformance::mechanical
