#include "core/base/toml.hpp"

#include <algorithm>

namespace garita::base {
namespace {

bool may_begin_key(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' ||
         c == '"' || c == '\'';
}

std::string_view without_blanks(std::string_view line) {
  line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
  return line;
}

bool is_strange_header(std::string_view line) {
  line = without_blanks(line);
  if (!line.starts_with('[')) return false;
  line = without_blanks(line.substr(1));
  if (line.starts_with('[')) line = without_blanks(line.substr(1));
  return line.empty() || (!may_begin_key(line.front()) && line.front() != ']');
}

}  // namespace

uint32_t line_of_strange_header(std::string_view text) {
  for (uint32_t number = 1; !text.empty(); ++number) {
    const std::string_view line = text.substr(0, text.find('\n'));
    if (is_strange_header(line)) return number;
    text.remove_prefix(std::min(text.size(), line.size() + 1));
  }
  return 0;
}

}  // namespace garita::base
