// TOML that came from outside, for every room that reads some.
//
// toml++ 3.3 asserts, and in a release assumes, that a key follows the bracket of a table's header: "[[[" or
// "[=" would end a program or leave it without meaning. So headers are looked at first.
#pragma once

#define TOML_ENABLE_FORMATTERS 0
#include <toml++/toml.h>

#include <cstdint>
#include <string_view>

namespace garita::base {

// The first line, from 1, that begins with one or two brackets and goes on with what is neither key nor end;
// 0: none. A line of an array that is laid out like that is one too.
uint32_t line_of_strange_header(std::string_view text);

// toml::parse, which throws toml::parse_error, without the header that it does not survive. Any thread.
inline toml::table parse_toml(std::string_view text) {
  if (const uint32_t line = line_of_strange_header(text); line != 0) {
    const toml::source_position at{line, 1};
    throw toml::parse_error("a table's header begins with what is no key", toml::source_region{at, at, nullptr});
  }
  return toml::parse(text);
}

}  // namespace garita::base
