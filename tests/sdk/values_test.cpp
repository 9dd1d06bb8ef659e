// Attributes, calibrations, fields of a wire, and the entry: the small things of the base.
#include <cmath>
#include <limits>

#include "tests/sdk/scripted_driver.hpp"

namespace garita::test {
namespace {

TEST(Attribute, takes_the_type_of_its_value) {
  EXPECT_EQ(attribute("k", "text").type, GARITA_VALUE_TEXT);
  EXPECT_EQ(attribute("k", std::string("text")).type, GARITA_VALUE_TEXT);
  EXPECT_EQ(attribute("k", 7).integer, 7);
  EXPECT_EQ(attribute("k", -7L).type, GARITA_VALUE_I64);
  EXPECT_EQ(attribute("k", 1.5f).real, 1.5);
  EXPECT_EQ(attribute("k", true).type, GARITA_VALUE_BOOL);
  EXPECT_EQ(attribute("k", Utc{5}).type, GARITA_VALUE_TIME);
  EXPECT_EQ(attribute("k", std::as_bytes(std::span("ab", 2))).bytes, "ab");
}

TEST(Attribute, keeps_a_number_that_no_i64_can_hold_as_text) {
  EXPECT_EQ(attribute("k", UINT64_MAX).bytes, "18446744073709551615");
  EXPECT_EQ(attribute("k", uint64_t{INT64_MAX}).integer, INT64_MAX);
}

TEST(Attribute, of_a_null_text_is_an_empty_one) {
  const char* none = nullptr;
  EXPECT_EQ(attribute("k", none).type, GARITA_VALUE_TEXT);
}

TEST(Calibration, is_fixed_point_for_short_counts_and_f64_for_others) {
  const std::vector<double> counts = {0, 1.5, 65535.75};
  const Calibration fixed = calibration(GARITA_CALIBRATION_AIR, 3, GARITA_SAMPLE_U16, counts);
  EXPECT_EQ(fixed.sample_type, GARITA_SAMPLE_U32);
  EXPECT_EQ(read_little<uint32_t>(fixed.data, 8), 16777152u);
  const Calibration real = calibration(GARITA_CALIBRATION_AIR, 3, GARITA_SAMPLE_F32, counts);
  EXPECT_EQ(real.sample_type, GARITA_SAMPLE_F64);
  EXPECT_EQ(read_little<double>(real.data, 16), 65535.75);
}

TEST(Calibration, refuses_means_that_no_detector_has) {
  for (double bad : {-1.0, std::nan(""), std::numeric_limits<double>::infinity(), 16777216.0})
    EXPECT_THROW(calibration(GARITA_CALIBRATION_DARK, 1, GARITA_SAMPLE_U16, std::vector<double>{bad}), Stop)
        << bad;
}

TEST(Wire, reads_both_byte_orders_and_nothing_beyond_the_frame) {
  const uint8_t raw[] = {1, 2, 3, 4, 5};
  const auto bytes = std::as_bytes(std::span(raw));
  EXPECT_EQ(read_little<uint16_t>(bytes, 3), 0x0504);
  EXPECT_EQ(read_big<uint32_t>(bytes, 1), 0x02030405u);
  EXPECT_THROW(read_little<uint16_t>(bytes, 4), Stop);
  EXPECT_THROW(read_little<uint8_t>(bytes, SIZE_MAX), Stop);
}

class Entry : public ::testing::Test {
 protected:
  garita_status negotiate_with(uint32_t min, uint32_t max) {
    const garita_negotiation offer{sizeof(offer), min, max, 0, text("test")};
    return negotiate<ScriptedTables>(&offer, &answer, &error);
  }
  garita_answer answer{sizeof(garita_answer), 0, nullptr};
  garita_error error = empty_error();
};

TEST_F(Entry, answers_the_highest_common_version) {
  EXPECT_EQ(negotiate_with(GARITA_ABI_1_0, GARITA_ABI_VERSION(1, 7)), GARITA_OK);
  EXPECT_EQ(answer.abi, GARITA_ABI_LATEST);
  EXPECT_EQ(answer.api, &ScriptedTables::driver_api);
}

TEST_F(Entry, refuses_ranges_that_do_not_meet_with_both_in_the_sentence) {
  EXPECT_EQ(negotiate_with(GARITA_ABI_VERSION(2, 0), GARITA_ABI_VERSION(2, 3)), GARITA_VERSION_MISMATCH);
  EXPECT_STREQ(error.message, "the driver speaks ABI 1.0 to 1.0, the host 2.0 to 2.3");
  EXPECT_EQ(negotiate_with(GARITA_ABI_VERSION(0, 1), GARITA_ABI_VERSION(0, 9)), GARITA_VERSION_MISMATCH);
  EXPECT_EQ(answer.api, nullptr);
}

TEST_F(Entry, refuses_to_write_where_there_is_no_room) {
  EXPECT_EQ(negotiate<ScriptedTables>(nullptr, &answer, &error), GARITA_INVALID_ARGUMENT);
  answer.struct_size = 8;
  EXPECT_EQ(negotiate_with(GARITA_ABI_1_0, GARITA_ABI_1_0), GARITA_INVALID_ARGUMENT);
}

TEST(Describe, says_what_the_driver_line_said_and_what_the_class_handles) {
  garita_description about{};
  about.struct_size = sizeof(about);
  ASSERT_EQ(ScriptedTables::driver_api.describe(&about, nullptr), GARITA_OK);
  EXPECT_EQ(view(about.id), "org.garita.scripted");
  EXPECT_EQ(view(about.version), "1.2.3");
  EXPECT_EQ(about.models.count, 2u);
  EXPECT_EQ(about.capabilities.count, 1u);
  ASSERT_EQ(about.extensions.count, 2u);
  EXPECT_EQ(view(static_cast<const garita_text*>(about.extensions.data)[1]), GARITA_MESSAGE_1);
}

TEST(Open, without_the_hosts_services_is_refused) {
  garita_device device{sizeof(device), 0, 0, nullptr};
  EXPECT_EQ(ScriptedTables::driver_api.open(nullptr, &device, nullptr), GARITA_INVALID_ARGUMENT);
  garita_open open{};
  open.struct_size = sizeof(open);
  EXPECT_EQ(ScriptedTables::driver_api.open(&open, &device, nullptr), GARITA_INVALID_ARGUMENT);
}

}  // namespace
}  // namespace garita::test
