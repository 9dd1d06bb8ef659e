// toml++ 3.3 asserts, and in a release assumes, that a key follows the bracket of a table's header: "[[[" or
// "[=" would end a program or leave it without meaning. Files come from outside, so their headers are looked
// at first.
#pragma once

#include <algorithm>
#include <string_view>

namespace garita::quality {

inline bool may_begin_key(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' ||
         c == '"' || c == '\'';
}

// Is there a line that begins with one or two brackets and goes on with what is neither key nor end? Lines of
// an array that is laid out like that are refused with it.
inline bool has_strange_header(std::string_view text) {
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    size_t at = 0;
    const auto skip_blanks = [&] {
      while (at < line.size() && (line[at] == ' ' || line[at] == '\t')) ++at;
    };
    skip_blanks();
    if (at >= line.size() || line[at] != '[') continue;
    ++at, skip_blanks();
    if (at < line.size() && line[at] == '[') ++at, skip_blanks();
    if (at >= line.size() || (!may_begin_key(line[at]) && line[at] != ']')) return true;
  }
  return false;
}

}  // namespace garita::quality
