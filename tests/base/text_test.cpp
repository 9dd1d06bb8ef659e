#include "core/base/text.hpp"

#include <gtest/gtest.h>
#include <stdlib.h>

#include "core/base/utf8.hpp"

namespace garita::base {
namespace {

const Error missing{Outcome::not_loaded, "base.file_missing", {{"path", "/a/b"}}, 0};

TEST(Text, error_renders_in_both_languages_with_its_fields) {
  EXPECT_EQ(render(missing, Language::en), "There is no file /a/b; check the path.");
  EXPECT_EQ(render(missing, Language::es), "No existe el archivo /a/b; revise la ruta.");
}

TEST(Text, unknown_id_renders_as_itself_with_fields) {
  EXPECT_EQ(text(Language::es, "nowhere.nothing"), "nowhere.nothing");
  const Error error{Outcome::no, "nowhere.nothing", {{"path", "a"}, {"size", "3"}}, 0};
  EXPECT_EQ(render(error, Language::en), "nowhere.nothing (path: a, size: 3)");
  EXPECT_EQ(sentence(Language::en, "nowhere.nothing"), nullptr);
}

TEST(Text, field_that_is_missing_stays_a_name) {
  EXPECT_EQ(text(Language::en, "base.file_missing"), "There is no file {path}; check the path.");
}

TEST(Text, field_value_with_braces_is_not_filled_again) {
  const Field fields[] = {{"path", "{path}{other}"}};
  EXPECT_EQ(text(Language::en, "base.file_missing", fields),
            "There is no file {path}{other}; check the path.");
}

TEST(Text, field_value_cannot_break_the_line_or_color_the_terminal) {
  const Field fields[] = {{"path", "a\nb\x1B[31mc\xFF\x7F"}};
  EXPECT_EQ(text(Language::en, "base.file_missing", fields),
            "There is no file a\uFFFDb\uFFFD[31mc\uFFFD\uFFFD; check the path.");
}

TEST(Printable, c1_controls_and_line_separators_are_replaced) {
  EXPECT_EQ(printable("a\u0085b\u2028c\u2029d\u009Be"), "a\uFFFDb\uFFFDc\uFFFDd\uFFFDe");
}

TEST(Printable, bidirectional_controls_vanish) {
  EXPECT_EQ(printable("a\u202Egpj.exe\u202C\u2066\u2069\u200F\u061Cz"), "agpj.exez");
}

TEST(Printable, spanish_stays_as_it_is) {
  EXPECT_EQ(printable("Aduana de Nogales: ñ, é, ¿?"), "Aduana de Nogales: ñ, é, ¿?");
}

TEST(Printable, long_value_is_cut_at_a_code_point_within_the_limit) {
  std::string value;
  for (int i = 0; i < 300; ++i) value += "é";
  const std::string cut = printable(value);
  EXPECT_LE(cut.size(), max_field_bytes);
  EXPECT_GE(cut.size(), max_field_bytes - 4);
  EXPECT_TRUE(is_valid_utf8(cut));
  EXPECT_TRUE(cut.ends_with("é…"));
}

TEST(Printable, value_of_just_the_limit_is_whole) {
  const std::string value(max_field_bytes, 'x');
  EXPECT_EQ(printable(value), value);
  EXPECT_EQ(printable(value + "y"), std::string(max_field_bytes - 3, 'x') + "…");
}

TEST(Printable, tiny_limit_is_kept) {
  for (size_t limit = 0; limit < 8; ++limit) EXPECT_LE(printable("ééééé", limit).size(), limit) << limit;
}

TEST(Language, locale_names_are_understood) {
  for (const char* name : {"es", "es_MX.UTF-8", "es-MX", "ES", "es@euro"})
    EXPECT_EQ(language_of(name), Language::es);
  for (const char* name : {"en", "en_US.UTF-8", "C", "C.UTF-8", "POSIX"})
    EXPECT_EQ(language_of(name), Language::en);
  for (const char* name : {"", "fr_FR", "est", "e", "_es"})
    EXPECT_EQ(language_of(name), std::nullopt) << name;
}

class LanguageOfEnvironment : public ::testing::Test {
 protected:
  static Language with(const char* all, const char* messages, const char* lang) {
    set("LC_ALL", all), set("LC_MESSAGES", messages), set("LANG", lang);
    const Language language = language_from_environment();
    set("LC_ALL", nullptr), set("LC_MESSAGES", nullptr), set("LANG", nullptr);
    return language;
  }
  static void set(const char* name, const char* value) { value ? setenv(name, value, 1) : unsetenv(name); }
};

TEST_F(LanguageOfEnvironment, first_variable_that_is_set_and_not_empty_decides) {
  EXPECT_EQ(with(nullptr, nullptr, nullptr), Language::en);
  EXPECT_EQ(with(nullptr, nullptr, "es_MX.UTF-8"), Language::es);
  EXPECT_EQ(with(nullptr, "es_MX.UTF-8", "en_US.UTF-8"), Language::es);
  EXPECT_EQ(with("C", "es_MX.UTF-8", "es_MX.UTF-8"), Language::en);
  EXPECT_EQ(with("", "", "es"), Language::es);
  EXPECT_EQ(with("fr_FR.UTF-8", nullptr, "es"), Language::en);
}

TEST(Error, field_is_found_by_name_and_empty_where_missing) {
  EXPECT_EQ(missing.field("path"), "/a/b");
  EXPECT_EQ(missing.field("size"), "");
}

}  // namespace
}  // namespace garita::base
