#include "core/record/attributes.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace garita::record {
namespace {

using image::Attribute;
using v1::Suspect;

Attribute text(std::string key, std::string value) {
  return {std::move(key), {GARITA_VALUE_TEXT, 0, 0, std::move(value)}};
}
Attribute integer(std::string key, int64_t value) {
  return {std::move(key), {GARITA_VALUE_I64, value, 0, ""}};
}
Attribute real(std::string key, double value) { return {std::move(key), {GARITA_VALUE_F64, 0, value, ""}}; }
Attribute moment(std::string key, int64_t value) {
  return {std::move(key), {GARITA_VALUE_TIME, value, 0, ""}};
}

class Attributes : public ::testing::Test {
 protected:
  void give(std::vector<Attribute> attributes, AttributeSetter::Scope scope = AttributeSetter::Scope::scan) {
    setter.apply(attributes, scope);
  }
  // The one suspect's reason, after checking that it is the only one.
  Suspect::Reason reason() const {
    EXPECT_EQ(record.suspect_size(), 1);
    EXPECT_EQ(report.suspect, 1u);
    return record.suspect_size() == 1 ? record.suspect(0).reason() : Suspect::REASON_UNSPECIFIED;
  }

  v1::Inspection record;
  Report report;
  AttributeSetter setter{record, report};
};

TEST_F(Attributes, good_values_of_every_type_land_in_their_fields) {
  give({text("conveyance.containers[0].number", "CSQU3054383"), text("conveyance.kind", "rail_car"),
        integer("conveyance.axles", 5), real("conveyance.speed_mps", 1.5), moment("device.calibrated", 42),
        moment("device.calibrated.utc_ns", 43), real("beam.energies_kev[0]", 6000),
        text("documents.pedimentos[0]", "262438014000123")});
  EXPECT_EQ(record.conveyance().containers(0).number(), "CSQU3054383");
  EXPECT_EQ(record.conveyance().kind(), v1::Conveyance::KIND_RAIL_CAR);
  EXPECT_EQ(record.conveyance().axles(), 5u);
  EXPECT_EQ(record.conveyance().speed_mps(), 1.5);
  EXPECT_EQ(record.device().calibrated().utc_ns(), 43);
  EXPECT_EQ(record.beam().energies_kev(0), 6000);
  EXPECT_EQ(record.documents().pedimentos(0), "262438014000123");
  EXPECT_EQ(report.set, 8u);
  EXPECT_EQ(record.suspect_size(), 0);
}

TEST_F(Attributes, a_misread_container_stays_and_is_flagged) {
  give({text("conveyance.containers[0].number", "CSQU3054384")});
  EXPECT_EQ(reason(), Suspect::REASON_BAD_CHECK_DIGIT);
  EXPECT_EQ(record.suspect(0).path(), "conveyance.containers[0].number");
  EXPECT_EQ(record.suspect(0).value().text(), "CSQU3054384");
  EXPECT_EQ(record.conveyance().containers(0).number(), "CSQU3054384");
}

TEST_F(Attributes, text_of_the_wrong_form_stays_and_is_flagged) {
  give({text("conveyance.vin", "not a vin")});
  EXPECT_EQ(reason(), Suspect::REASON_BAD_FORMAT);
  EXPECT_EQ(record.conveyance().vin(), "not a vin");
}

TEST_F(Attributes, a_value_of_the_wrong_type_is_kept_verbatim_beside) {
  give({integer("conveyance.vin", 7)});
  EXPECT_EQ(reason(), Suspect::REASON_WRONG_TYPE);
  EXPECT_EQ(record.suspect(0).value().integer(), 7);
  EXPECT_FALSE(record.conveyance().has_vin());
}

TEST_F(Attributes, a_time_is_set_by_a_time_alone) {
  give({integer("device.calibrated", 42)});
  EXPECT_EQ(reason(), Suspect::REASON_WRONG_TYPE);
}

TEST_F(Attributes, an_integer_is_no_real_number) {
  give({integer("conveyance.speed_mps", 2)});
  EXPECT_EQ(reason(), Suspect::REASON_WRONG_TYPE);
}

TEST_F(Attributes, a_message_cannot_be_set_as_a_whole) {
  give({text("conveyance.rail", "x")});
  EXPECT_EQ(reason(), Suspect::REASON_WRONG_TYPE);
}

TEST_F(Attributes, numbers_out_of_range_never_reach_their_field) {
  give({integer("conveyance.axles", -1), integer("conveyance.axles", int64_t{1} << 40),
        real("conveyance.speed_mps", 1e9)});
  EXPECT_EQ(report.suspect, 3u);
  EXPECT_EQ(record.suspect_size(), 2);  // of the doubled key the last
  EXPECT_EQ(record.suspect(0).reason(), Suspect::REASON_OUT_OF_RANGE);
  EXPECT_EQ(record.suspect(1).reason(), Suspect::REASON_OUT_OF_RANGE);
  EXPECT_FALSE(record.conveyance().has_axles());
  EXPECT_FALSE(record.conveyance().has_speed_mps());
}

TEST_F(Attributes, nan_and_infinity_are_flagged) {
  give({real("conveyance.speed_mps", std::nan("")),
        real("conveyance.length_mm", std::numeric_limits<double>::infinity())});
  ASSERT_EQ(record.suspect_size(), 2);
  EXPECT_EQ(record.suspect(0).reason(), Suspect::REASON_NOT_FINITE);
  EXPECT_TRUE(std::isnan(record.suspect(0).value().real()));
  EXPECT_FALSE(record.has_conveyance());
}

TEST_F(Attributes, bytes_that_are_no_text_are_kept_as_bytes) {
  give({text("device.model", "A\xFF")});
  EXPECT_EQ(reason(), Suspect::REASON_NOT_UTF8);
  EXPECT_EQ(record.suspect(0).value().raw(), "A\xFF");
  EXPECT_FALSE(record.device().has_model());
}

TEST_F(Attributes, an_embedded_nul_is_flagged) {
  give({text("device.model", std::string("A\0B", 3))});
  EXPECT_EQ(reason(), Suspect::REASON_CONTROL_CHARACTER);
  EXPECT_EQ(record.suspect(0).value().text(), std::string("A\0B", 3));
}

TEST_F(Attributes, a_text_longer_than_its_field_is_flagged) {
  give({text("device.model", std::string(129, 'x'))});
  EXPECT_EQ(reason(), Suspect::REASON_TOO_LONG);
  EXPECT_FALSE(record.device().has_model());
}

TEST_F(Attributes, a_word_that_the_field_does_not_have_is_flagged) {
  give({text("conveyance.kind", "KIND_TRUCK")});
  EXPECT_EQ(reason(), Suspect::REASON_UNKNOWN_WORD);
  EXPECT_FALSE(record.conveyance().has_kind());
}

TEST_F(Attributes, a_huge_index_allocates_nothing) {
  give({text("conveyance.containers[99999999].number", "CSQU3054383")});
  EXPECT_EQ(reason(), Suspect::REASON_BAD_INDEX);
  EXPECT_FALSE(record.has_conveyance());
}

TEST_F(Attributes, the_first_index_beyond_the_limit_is_flagged_and_the_last_within_is_not) {
  give({text("conveyance.containers[63].number", "CSQU3054383"),
        text("conveyance.containers[64].number", "CSQU3054383")});
  EXPECT_EQ(reason(), Suspect::REASON_BAD_INDEX);
  EXPECT_EQ(record.conveyance().containers_size(), 64);
}

TEST_F(Attributes, a_list_of_values_has_no_gaps) {
  give({text("documents.pedimentos[1]", "262438014000123")});
  EXPECT_EQ(reason(), Suspect::REASON_BAD_INDEX);
  EXPECT_FALSE(record.has_documents());
}

TEST_F(Attributes, a_list_without_an_index_is_flagged) {
  give({text("documents.pedimentos", "262438014000123")});
  EXPECT_EQ(reason(), Suspect::REASON_BAD_INDEX);
}

TEST_F(Attributes, a_pattern_is_no_key) {
  give({text("conveyance.containers[].number", "CSQU3054383")});
  EXPECT_EQ(reason(), Suspect::REASON_BAD_INDEX);
}

TEST_F(Attributes, what_the_host_says_no_driver_can_say) {
  record.mutable_identity()->set_id("mine");
  give({text("identity.id", "theirs"), text("provenance.host_version", "9"),
        text("device.certificate_id", "gold"), text("suspect[0].path", "x"),
        text("completeness.state", "complete")});
  EXPECT_EQ(record.suspect_size(), 5);
  for (const Suspect& suspect : record.suspect()) EXPECT_EQ(suspect.reason(), Suspect::REASON_NOT_SETTABLE);
  EXPECT_EQ(record.identity().id(), "mine");
  EXPECT_FALSE(record.has_provenance());
}

TEST_F(Attributes, what_the_host_says_survives_a_doubled_key) {
  record.mutable_identity()->set_id("mine");
  give({text("identity.id", "theirs"), text("identity.id", "theirs")});
  EXPECT_EQ(record.identity().id(), "mine");
}

TEST_F(Attributes, an_unknown_key_of_ours_is_kept) {
  give({text("conveyance.wings", "2"), text("nothing", "x"), text("conveyance.containers[-1].number", "x")});
  ASSERT_EQ(record.unrecognized_size(), 3);
  EXPECT_EQ(record.unrecognized(0).key(), "conveyance.wings");
  EXPECT_EQ(record.unrecognized(0).value().text(), "2");
  EXPECT_EQ(report.unrecognized_keys,
            (std::vector<std::string>{"conveyance.wings", "nothing", "conveyance.containers[-1].number"}));
}

TEST_F(Attributes, beyond_sixty_four_unknown_keys_are_only_counted) {
  for (int i = 0; i < 70; ++i) give({text("new.key" + std::to_string(i), "x")});
  EXPECT_EQ(record.unrecognized_size(), 64);
  EXPECT_EQ(record.counts().dropped_unrecognized(), 6u);
  EXPECT_EQ(report.unrecognized, 70u);
}

TEST_F(Attributes, vendors_own_keys_keep_their_type) {
  give({text("com.vendor.mode", "fast"),
        integer("com.vendor.dose", 3),
        real("mx.vendor.gain", 0.5),
        moment("com.acme.t", 9),
        {"com.vendor.on", {GARITA_VALUE_BOOL, 1, 0, ""}},
        {"com.vendor.blob", {GARITA_VALUE_BYTES, 0, 0, "\xFF"}}});
  ASSERT_EQ(record.vendor_attributes_size(), 6);
  EXPECT_EQ(record.vendor_attributes(0).value().text(), "fast");
  EXPECT_EQ(record.vendor_attributes(1).value().integer(), 3);
  EXPECT_EQ(record.vendor_attributes(2).value().real(), 0.5);
  EXPECT_EQ(record.vendor_attributes(3).value().utc_ns(), 9);
  EXPECT_TRUE(record.vendor_attributes(4).value().truth());
  EXPECT_EQ(record.vendor_attributes(5).value().raw(), "\xFF");
  EXPECT_EQ(report.vendor, 6u);
}

TEST_F(Attributes, of_a_doubled_key_the_last_wins_and_is_counted) {
  give({text("device.model", "one"), text("device.model", "two"), text("com.vendor.a", "1"),
        text("com.vendor.a", "2")});
  EXPECT_EQ(record.device().model(), "two");
  ASSERT_EQ(record.vendor_attributes_size(), 1);
  EXPECT_EQ(record.vendor_attributes(0).value().text(), "2");
  EXPECT_EQ(record.counts().duplicate_keys(), 2u);
}

TEST_F(Attributes, a_later_good_value_clears_the_flag) {
  give({text("conveyance.containers[0].number", "CSQU3054384"),
        text("conveyance.containers[0].number", "CSQU3054383")});
  EXPECT_EQ(record.suspect_size(), 0);
  EXPECT_EQ(record.conveyance().containers(0).number(), "CSQU3054383");
}

TEST_F(Attributes, a_later_bad_value_takes_the_good_one_away) {
  give({real("conveyance.speed_mps", 1), real("conveyance.speed_mps", 1e9)});
  EXPECT_EQ(reason(), Suspect::REASON_OUT_OF_RANGE);
  EXPECT_FALSE(record.conveyance().has_speed_mps());
}

TEST_F(Attributes, a_scans_own_value_replaces_a_standing_one_without_being_doubled) {
  give({text("device.model", "standing")}, AttributeSetter::Scope::standing);
  give({text("device.model", "scan")});
  EXPECT_EQ(record.device().model(), "scan");
  EXPECT_EQ(report.duplicate_keys, 0u);
  EXPECT_FALSE(record.has_counts());
}

TEST_F(Attributes, what_is_beyond_the_limits_of_the_abi_is_dropped_and_counted) {
  give({text("", "x"),
        text(std::string(257, 'k'), "x"),
        text("device.model", std::string(65537, 'x')),
        text("\xFF", "x"),
        {"device.model", {99, 0, 0, "x"}}});
  EXPECT_EQ(report.dropped, 5u);
  EXPECT_EQ(record.counts().dropped_attributes(), 5u);
}

TEST_F(Attributes, the_four_thousand_and_ninety_seventh_is_dropped) {
  std::vector<Attribute> many;
  for (int i = 0; i < 4097; ++i) many.push_back(integer("com.vendor.k" + std::to_string(i), i));
  give(many);
  EXPECT_EQ(record.vendor_attributes_size(), 4096);
  EXPECT_EQ(report.dropped, 1u);
}

TEST_F(Attributes, what_is_kept_verbatim_has_a_budget) {
  for (int i = 0; i < 80; ++i) give({text("com.vendor.k" + std::to_string(i), std::string(65536, 'x'))});
  EXPECT_LE(record.ByteSizeLong(), max_kept_bytes + (1u << 16));
  EXPECT_EQ(record.counts().dropped_attributes(), report.dropped);
  EXPECT_GT(report.dropped, 10u);
}

TEST_F(Attributes, one_call_does_the_same) {
  v1::Inspection other;
  Report other_report;
  const std::vector<Attribute> some = {text("device.model", "x")};
  apply(other, some, other_report);
  EXPECT_EQ(other.device().model(), "x");
  EXPECT_EQ(other_report.set, 1u);
}

}  // namespace
}  // namespace garita::record
