#include "core/base/utf8.hpp"

#include <gtest/gtest.h>

namespace garita::base {
namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD";

TEST(Utf8, text_of_all_lengths_is_valid) {
  EXPECT_TRUE(is_valid_utf8(""));
  EXPECT_TRUE(is_valid_utf8("aé€\xF0\x9F\x9A\x9B"));
  EXPECT_TRUE(is_valid_utf8("\xF4\x8F\xBF\xBF"));  // U+10FFFF
}

TEST(Utf8, overlong_surrogate_and_too_high_forms_are_invalid) {
  for (const char* bad :
       {"\xC0\xAF", "\xC1\xBF", "\xE0\x80\xAF", "\xF0\x80\x80\xAF", "\xED\xA0\x80", "\xED\xBF\xBF",
        "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xFF", "\x80", "\xE2\x82", "\xE2\x28\xA1"}) {
    EXPECT_FALSE(is_valid_utf8(bad)) << bad;
  }
}

TEST(Utf8, every_code_point_survives_writing_and_reading) {
  for (char32_t c = 0; c <= 0x10FFFF; ++c) {
    if (c >= 0xD800 && c <= 0xDFFF) continue;
    std::string text;
    append_utf8(text, c);
    const CodePoint read = first_code_point(text);
    ASSERT_TRUE(read.valid && read.value == c && read.size_bytes == text.size()) << static_cast<uint32_t>(c);
  }
}

TEST(Utf8, what_is_no_code_point_is_written_as_replacement) {
  std::string text;
  append_utf8(text, 0xD800);
  append_utf8(text, 0x110000);
  EXPECT_EQ(text, std::string(replacement) + std::string(replacement));
}

// The example of the Unicode standard, table 3-8: one replacement for each maximal valid prefix.
TEST(Utf8, invalid_sequences_are_replaced_by_maximal_prefix) {
  EXPECT_EQ(valid_utf8("\x61\xF1\x80\x80\xE1\x80\xC2\x62\x80\x63\x80\xBF\x64"),
            "a\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"
            "b\xEF\xBF\xBD"
            "c\xEF\xBF\xBD\xEF\xBF\xBD"
            "d");
}

TEST(Utf8, cut_never_ends_inside_a_code_point) {
  const std::string_view text = "aé€\xF0\x9F\x9A\x9Bz";  // code points end at 1, 3, 6, 10, 11
  for (const auto& [limit, kept] : {std::pair<size_t, size_t>{0, 0},
                                    {1, 1},
                                    {2, 1},
                                    {3, 3},
                                    {5, 3},
                                    {6, 6},
                                    {7, 6},
                                    {9, 6},
                                    {10, 10},
                                    {11, 11},
                                    {99, 11}}) {
    EXPECT_EQ(cut_at_code_point(text, limit).size(), kept) << limit;
  }
}

TEST(Utf8, cut_of_bytes_that_are_no_text_still_keeps_the_limit) {
  const std::string bytes(20, '\x80');
  EXPECT_EQ(cut_at_code_point(bytes, 10).size(), 10u);
}

}  // namespace
}  // namespace garita::base
