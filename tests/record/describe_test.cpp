#include "core/record/describe.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/record/random_record.hpp"
#include "tests/record/sample.hpp"

namespace garita::record {
namespace {

using base::Language;

Row row(const v1::Inspection& record, std::string_view path, Language language = Language::en) {
  const auto rows = describe(record, language);
  const auto found = std::ranges::find(rows, path, &Row::path);
  EXPECT_NE(found, rows.end()) << path;
  return found == rows.end() ? Row{} : *found;
}

TEST(Describe, values_are_labelled_and_grouped) {
  const Row number = row(sample_record(), "conveyance.containers[0].number");
  EXPECT_EQ(number.group, "Conveyance");
  EXPECT_EQ(number.label, "Containers 1 · Number");
  EXPECT_EQ(number.value, "CSQU 305438 3");
  EXPECT_FALSE(number.suspect);
  EXPECT_EQ(row(sample_record(), "conveyance.speed_mps").value, "2.5 m/s");
  EXPECT_EQ(row(sample_record(), "documents.pedimentos[0]").value, "26  24  3801  4000123");
}

TEST(Describe, spanish_speakers_read_spanish) {
  const Row kind = row(sample_record(), "conveyance.kind", Language::es);
  EXPECT_EQ(kind.group, "Medio de transporte");
  EXPECT_EQ(kind.label, "Tipo");
  EXPECT_EQ(kind.value, "camión");
  EXPECT_EQ(row(sample_record(), "identity.direction", Language::es).value, "entrada");
}

TEST(Describe, a_detection_says_its_category_in_the_reader_s_language_and_its_code_verbatim) {
  v1::Inspection record;
  record.add_detections()->set_category(v1::CATEGORY_PRECURSOR_CHEMICAL);
  record.mutable_detections(0)->set_vendor_code("NT-PRE-01");
  EXPECT_EQ(row(record, "detections[0].category").value, "precursor chemical");
  EXPECT_EQ(row(record, "detections[0].category", Language::es).value, "precursor químico");
  EXPECT_EQ(row(record, "detections[0].vendor_code", Language::es).value, "NT-PRE-01");
}

TEST(Describe, a_detection_of_an_unknown_code_says_that_its_category_is_not_known) {
  v1::Inspection record;
  record.add_detections()->set_vendor_code("NT-XXX-99");
  const Row category = row(record, "detections[0].category");
  EXPECT_EQ(category.label, "1 · Category");
  EXPECT_NE(category.value.find("not known"), std::string::npos);
  EXPECT_EQ(row(record, "detections[0].vendor_code").value, "NT-XXX-99");
}

TEST(Describe, both_languages_have_the_same_rows) {
  const auto en = describe(sample_record(), Language::en);
  const auto es = describe(sample_record(), Language::es);
  ASSERT_EQ(en.size(), es.size());
  for (size_t i = 0; i < en.size(); ++i) EXPECT_EQ(en[i].path, es[i].path);
}

TEST(Describe, times_are_utc_with_the_local_clock_beside) {
  EXPECT_EQ(row(sample_record(), "time.started").value, "2026-03-01T12:34:56.500Z (06:34:56 -06:00)");
  v1::Inspection record = sample_record();
  record.mutable_time()->mutable_started()->clear_offset_s();
  EXPECT_EQ(row(record, "time.started").value, "2026-03-01T12:34:56.500Z");
}

TEST(Describe, a_time_at_the_end_of_time_does_not_overflow) {
  v1::Inspection record;
  record.mutable_time()->mutable_started()->set_utc_ns(INT64_MAX);
  record.mutable_time()->mutable_started()->set_offset_s(3600);
  EXPECT_FALSE(row(record, "time.started").value.empty());
}

TEST(Describe, a_long_series_is_shown_as_count_and_range) {
  EXPECT_EQ(row(sample_record(), "readings[0].values").value, "20 (0 … 19)");
  EXPECT_EQ(row(sample_record(), "beam.energies_kev").value, "6000 keV");
}

TEST(Describe, suspect_values_are_marked_with_their_reason) {
  v1::Inspection record;
  record.mutable_conveyance()->set_vin("BAD");
  v1::Suspect& suspect = *record.add_suspect();
  suspect.set_path("conveyance.vin");
  suspect.set_reason(v1::Suspect::REASON_BAD_FORMAT);
  suspect.mutable_value()->set_text("BAD");
  EXPECT_TRUE(row(record, "conveyance.vin").suspect);
  EXPECT_EQ(row(record, "conveyance.vin").reason, "wrong format");
  EXPECT_EQ(row(record, "conveyance.vin", Language::es).reason, "formato equivocado");
}

TEST(Describe, a_suspect_without_a_field_has_its_own_row) {
  v1::Inspection record;
  v1::Suspect& suspect = *record.add_suspect();
  suspect.set_path("conveyance.axles");
  suspect.set_reason(v1::Suspect::REASON_OUT_OF_RANGE);
  suspect.mutable_value()->set_integer(-4);
  const Row shown = row(record, "conveyance.axles");
  EXPECT_EQ(shown.group, "Suspect values");
  EXPECT_EQ(shown.value, "-4");
  EXPECT_EQ(shown.reason, "out of range");
}

TEST(Describe, what_comes_from_outside_cannot_write_to_the_terminal) {
  v1::Inspection record;
  record.mutable_device()->set_model("\x1B[31mred\x1B[0m\n\xFF");
  const std::string value = row(record, "device.model").value;
  EXPECT_EQ(value.find('\x1B'), std::string::npos);
  EXPECT_EQ(value.find('\n'), std::string::npos);
}

TEST(Describe, any_record_has_labelled_rows_within_the_limit) {
  for (uint64_t seed = 1; seed < 40; ++seed)
    for (const Row& shown : describe(RandomRecord(seed).make(), Language::es)) {
      EXPECT_FALSE(shown.group.empty());
      EXPECT_FALSE(shown.label.empty() && !shown.path.starts_with("vendor") &&
                   shown.path.find('.') != std::string::npos && !shown.path.starts_with("suspect") &&
                   !shown.path.starts_with("unrec"))
          << shown.path;
    }
  v1::Inspection large;
  for (int i = 0; i < 5000; ++i) large.add_readings()->set_panel("p");
  EXPECT_EQ(describe(large, Language::en).size(), max_rows);
}

}  // namespace
}  // namespace garita::record
