#include "core/record/validate.hpp"

#include <gtest/gtest.h>

#include <limits>

#include "core/base/text.hpp"
#include "tests/record/sample.hpp"

namespace garita::record {
namespace {

// "path id" of the only problem.
std::string only_problem(const v1::Inspection& record) {
  const auto problems = validate(record);
  EXPECT_EQ(problems.size(), 1u);
  return problems.empty() ? "" : problems[0].path + " " + problems[0].id;
}

class Validate : public ::testing::Test {
 protected:
  v1::Inspection record = sample_record();
};

TEST_F(Validate, a_good_record_has_no_problem) { EXPECT_TRUE(validate(record).empty()); }

TEST_F(Validate, each_kind_of_fault_is_named_with_its_place) {
  record.mutable_conveyance()->mutable_containers(0)->set_number("CSQU3054384");
  EXPECT_EQ(only_problem(record), "conveyance.containers[0].number record.bad_check_digit");
}

TEST_F(Validate, a_wrong_form_is_shown_beside_a_good_one) {
  record.mutable_site()->set_locode("nowhere");
  const auto problems = validate(record);
  ASSERT_EQ(problems.size(), 1u);
  EXPECT_EQ(problems[0].limit, "locode: USLRD");
  EXPECT_EQ(problems[0].value, "nowhere");
}

TEST_F(Validate, numbers_have_ranges) {
  record.mutable_conveyance()->set_speed_mps(-1);
  EXPECT_EQ(only_problem(record), "conveyance.speed_mps record.out_of_range");
  record.mutable_conveyance()->set_speed_mps(std::numeric_limits<double>::quiet_NaN());
  EXPECT_EQ(only_problem(record), "conveyance.speed_mps record.not_finite");
}

TEST_F(Validate, elements_of_lists_are_looked_at_too) {
  record.mutable_beam()->add_energies_kev(-5);
  EXPECT_EQ(only_problem(record), "beam.energies_kev[1] record.out_of_range");
}

TEST_F(Validate, hashes_have_thirty_two_bytes) {
  record.mutable_device()->set_driver_sha256("short");
  EXPECT_EQ(only_problem(record), "device.driver_sha256 record.bad_format");
}

TEST_F(Validate, texts_are_short_utf8_without_control_characters) {
  record.mutable_device()->set_model(std::string(129, 'x'));
  EXPECT_EQ(only_problem(record), "device.model record.too_long");
  record.mutable_device()->set_model("\xFF");
  EXPECT_EQ(only_problem(record), "device.model record.not_utf8");
  record.mutable_device()->set_model("\x01");
  EXPECT_EQ(only_problem(record), "device.model record.control_character");
}

TEST_F(Validate, a_number_without_a_word_is_a_problem) {
  record.mutable_conveyance()->set_kind(static_cast<v1::Conveyance::Kind>(77));
  EXPECT_EQ(only_problem(record), "conveyance.kind record.unknown_word");
}

TEST_F(Validate, lists_have_limits) {
  for (int i = 0; i < 20; ++i) record.add_other_devices();
  EXPECT_EQ(only_problem(record), "other_devices record.too_many");
}

TEST_F(Validate, a_value_that_was_flagged_is_known) {
  record.mutable_conveyance()->set_vin("BAD");
  EXPECT_FALSE(validate(record)[0].flagged);
  record.add_suspect()->set_path("conveyance.vin");
  EXPECT_TRUE(validate(record)[0].flagged);
}

TEST_F(Validate, problems_are_counted_to_a_limit) {
  for (int i = 0; i < 1000; ++i) record.add_detections()->set_confidence(2);
  EXPECT_EQ(validate(record).size(), max_problems);
}

TEST_F(Validate, limits_cut_lists_and_count_what_went) {
  for (int i = 0; i < 1030; ++i) record.add_detections();
  for (int i = 0; i < 20; ++i) record.mutable_views(0)->add_channels();
  enforce_limits(record);
  EXPECT_EQ(record.detections_size(), 1024);
  EXPECT_EQ(record.views(0).channels_size(), 16);
  EXPECT_EQ(record.counts().dropped_detections(), 6u);
  EXPECT_EQ(record.counts().dropped_other(), 5u);
  EXPECT_TRUE(validate(record).empty());
}

TEST_F(Validate, a_record_within_its_limits_is_not_touched) {
  const std::string before = record.SerializeAsString();
  enforce_limits(record);
  EXPECT_EQ(record.SerializeAsString(), before);
}

TEST(ValidateTexts, every_problem_has_a_sentence_in_both_languages) {
  for (const char* id : {"out_of_range", "bad_format", "bad_check_digit", "not_utf8", "not_finite",
                         "too_long", "unknown_word", "control_character", "too_many", "leaf_twice",
                         "leaf_tag", "leaf_size", "leaf_value", "leaf_index", "leaf_path", "leaf_limit"}) {
    const std::string full = std::string("record.") + id;
    EXPECT_NE(base::sentence(base::Language::en, full), nullptr) << full;
    EXPECT_NE(base::sentence(base::Language::es, full), nullptr) << full;
  }
}

}  // namespace
}  // namespace garita::record
