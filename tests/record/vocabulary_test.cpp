#include "core/record/vocabulary.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <utility>

namespace garita::record {
namespace {

TEST(Vocabulary, a_code_of_a_family_is_its_category) {
  EXPECT_EQ(category_of_code("nuctech", "NT-DRG-02"), v1::CATEGORY_FENTANYL);
  EXPECT_EQ(category_of_code("astrophysics", "0x31"), v1::CATEGORY_CASH);
}

TEST(Vocabulary, an_unknown_code_is_no_category) {
  EXPECT_EQ(category_of_code("nuctech", "NT-XXX-99"), std::nullopt);
  EXPECT_EQ(category_of_code("nuctech", ""), std::nullopt);
}

TEST(Vocabulary, a_code_of_another_family_is_no_category) {
  EXPECT_EQ(category_of_code("rapiscan", "NT-DRG-02"), std::nullopt);
}

TEST(Vocabulary, a_code_is_compared_byte_for_byte) {
  EXPECT_EQ(category_of_code("rapiscan", "r17"), std::nullopt);
  EXPECT_EQ(category_of_code("rapiscan", "R17 "), std::nullopt);
}

TEST(Vocabulary, a_code_stands_once_in_its_family) {
  std::set<std::pair<std::string_view, std::string_view>> seen;
  for (const VendorCode& row : vendor_codes())
    EXPECT_TRUE(seen.emplace(row.family, row.code).second) << row.family << ' ' << row.code;
}

TEST(Vocabulary, every_image_family_can_name_what_the_border_looks_for) {
  for (const std::string_view family : {"nuctech", "rapiscan", "leidos", "astrophysics"})
    for (const v1::Category wanted :
         {v1::CATEGORY_PRECURSOR_CHEMICAL, v1::CATEGORY_FENTANYL, v1::CATEGORY_METHAMPHETAMINE,
          v1::CATEGORY_CASH, v1::CATEGORY_FIREARM, v1::CATEGORY_AMMUNITION, v1::CATEGORY_EXPLOSIVE}) {
      bool found = false;
      for (const VendorCode& row : vendor_codes())
        found = found || (row.family == family && row.category == wanted);
      EXPECT_TRUE(found) << family << " has no code for " << word_of(wanted);
    }
}

TEST(Vocabulary, the_words_are_those_of_the_record) {
  for (int i = v1::Category_MIN + 1; i <= v1::Category_MAX; ++i) {
    const auto category = static_cast<v1::Category>(i);
    std::string name = v1::Category_Name(category).substr(sizeof("CATEGORY_") - 1);
    EXPECT_EQ(category_of_word(name), category);  // in capitals too
    for (char& c : name) c = static_cast<char>(std::tolower(c));
    EXPECT_EQ(word_of(category), name);
  }
}

TEST(Vocabulary, a_strange_word_is_no_category) {
  EXPECT_EQ(category_of_word("umbrella"), std::nullopt);
  EXPECT_EQ(category_of_word(""), std::nullopt);
  EXPECT_EQ(word_of(v1::CATEGORY_UNSPECIFIED), "");
}

TEST(Vocabulary, every_category_has_a_word_of_dicos) {
  const std::set<std::string_view> dicos = {"EXPLOSIVE", "PI", "CONTRABAND", "ANOMALY", "OTHER"};
  for (int i = v1::Category_MIN; i <= v1::Category_MAX; ++i)
    EXPECT_TRUE(dicos.contains(dicos_word_of(static_cast<v1::Category>(i)))) << i;
}

TEST(Vocabulary, a_word_of_dicos_is_read_no_narrower_than_it_is) {
  EXPECT_EQ(category_of_dicos("CONTRABAND"), v1::CATEGORY_OTHER_CONTRABAND);
  EXPECT_EQ(category_of_dicos("PI"), v1::CATEGORY_PROHIBITED_ITEM);
  EXPECT_EQ(category_of_dicos("PROHIBITED ITEM"), v1::CATEGORY_PROHIBITED_ITEM);
  EXPECT_EQ(category_of_dicos("LAPTOP"), std::nullopt);
  EXPECT_EQ(category_of_dicos("OTHER"), std::nullopt);
}

}  // namespace
}  // namespace garita::record
