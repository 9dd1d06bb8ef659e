#include "core/catalog/identifiers.hpp"

#include <gtest/gtest.h>

namespace garita::catalog {
namespace {

TEST(Identifiers, every_way_of_writing_a_number_has_one_form) {
  EXPECT_EQ(normalized("csqu 305438-3"), "CSQU3054383");
  EXPECT_EQ(normalized("26  24  3021  6001234"), "262430216001234");
  EXPECT_EQ(normalized("139-12345675"), "13912345675");
  EXPECT_EQ(normalized("\tabc.123/d\n"), "ABC123D");
}

TEST(Identifiers, letters_beyond_ascii_stay_and_bytes_that_are_no_text_are_replaced) {
  EXPECT_EQ(normalized("ñu-1"), "ñU1");
  EXPECT_EQ(normalized("A\xff"), "A\xEF\xBF\xBD");
}

TEST(Identifiers, a_text_beyond_the_limit_is_cut) {
  EXPECT_EQ(normalized(std::string(1000, 'x')).size(), max_identifier_bytes);
}

TEST(Identifiers, every_kind_of_a_record_is_found_once) {
  v1::Inspection record;
  record.mutable_conveyance()->add_containers()->set_number("CSQU3054383");
  record.mutable_documents()->add_manifest()->set_container("CSQU 305438 3");
  record.mutable_conveyance()->mutable_air()->add_bag_tags("0001123456");
  record.mutable_documents()->add_pedimentos("262430216001234");
  const std::vector<Identifier> expected = {{IdentifierKind::container, "CSQU3054383"},
                                            {IdentifierKind::bag_tag, "0001123456"},
                                            {IdentifierKind::pedimento, "262430216001234"}};
  EXPECT_EQ(identifiers_of(record), expected);
}

TEST(Identifiers, names_and_kinds_go_both_ways) {
  for (int number = 1; number <= 12; ++number) {
    const auto kind = static_cast<IdentifierKind>(number);
    EXPECT_EQ(identifier_kind_of(name_of(kind)), kind) << number;
  }
  EXPECT_EQ(identifier_kind_of("shoe"), std::nullopt);
}

TEST(Identifiers, a_fields_path_says_which_kind_it_is) {
  EXPECT_EQ(kind_of_field("conveyance.plates[3].number"), IdentifierKind::plate);
  EXPECT_EQ(kind_of_field("documents.pedimentos[0]"), IdentifierKind::pedimento);
  EXPECT_EQ(kind_of_field("conveyance.plates[3].country"), std::nullopt);
}

}  // namespace
}  // namespace garita::catalog
