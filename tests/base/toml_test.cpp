// TOML from outside: what would end the parser is refused as any other mistake is, with its line.
#include "core/base/toml.hpp"

#include <gtest/gtest.h>

namespace garita::base {
namespace {

uint32_t refused_line(std::string_view text) {
  try {
    (void)parse_toml(text);
  } catch (const toml::parse_error& error) {
    return error.source().begin.line;
  }
  return 0;
}

TEST(Toml, a_header_without_a_key_is_refused_with_its_line) {
  for (const char* header : {"[[[", "[=", "[ [ =", "[", "[[", "\t[ ,]", "[\x01]", "[\xff"})
    EXPECT_EQ(refused_line("a = 1\nb = 2\n" + std::string(header) + "\n"), 3u) << header;
}

TEST(Toml, every_header_that_the_language_knows_is_read) {
  const toml::table table = parse_toml(
      "[plain]\nx = 1\n[ spaced . \"quoted key\" ]\n[[rows]]\n[[ rows ]]\n['literal']\n[-]\n[_]\n[0]\n"
      "[lists]\nof = [\n[1, 2],\n[],\n]\n");
  EXPECT_EQ(table["rows"].as_array()->size(), 2u);
  EXPECT_EQ(table["plain"]["x"].value<int>(), 1);
  EXPECT_EQ(table["lists"]["of"].as_array()->size(), 2u);
  EXPECT_EQ(refused_line("ok = true\n"), 0u);
  EXPECT_EQ(refused_line("two = 1\ntwo = 2\n"), 2u);
}

}  // namespace
}  // namespace garita::base
