#include "core/record/dictionary.hpp"

#include <google/protobuf/descriptor.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <fstream>
#include <map>
#include <set>

#include "core/record/format.hpp"
#include "garita/v1/addendum.pb.h"
#include "garita/v1/inspection.pb.h"

namespace garita::record {
namespace {

namespace pb = google::protobuf;

// Every message of the record and of the addenda.
std::set<const pb::Descriptor*> messages() {
  std::set<const pb::Descriptor*> found;
  std::vector<const pb::Descriptor*> open = {v1::Inspection::descriptor(), v1::Addendum::descriptor()};
  while (!open.empty()) {
    const pb::Descriptor* message = open.back();
    open.pop_back();
    if (!found.insert(message).second) continue;
    for (int i = 0; i < message->field_count(); ++i)
      if (message->field(i)->message_type() != nullptr) open.push_back(message->field(i)->message_type());
  }
  return found;
}

std::vector<const pb::FieldDescriptor*> fields() {
  std::vector<const pb::FieldDescriptor*> all;
  for (const pb::Descriptor* message : messages())
    for (int i = 0; i < message->field_count(); ++i) all.push_back(message->field(i));
  return all;
}

// One line a fact that a driver or a reader may rely on.
std::set<std::string> facts() {
  std::set<std::string> lines;
  for (const FieldInfo& info : dictionary()) {
    const std::string unit = info.rule.unit.empty() ? "-" : std::string(info.rule.unit);
    lines.insert(info.pattern + " " + info.type + " " + std::to_string(info.number) + " " + unit +
                 (info.driver ? " driver" : ""));
    for (const std::string& word : info.words)
      lines.insert(info.pattern + " = " + word + " " + std::to_string(*number_of(*info.field, word)));
  }
  return lines;
}

TEST(Dictionary, no_frozen_fact_is_changed_or_removed) {
  const std::string path = GARITA_SOURCE_DIR "/tests/record/frozen/garita-v1.desc.txt";
  const std::set<std::string> now = facts();
  std::ifstream frozen(path);
  size_t count = 0;
  for (std::string line; std::getline(frozen, line); ++count)
    EXPECT_TRUE(now.contains(line)) << "a field that drivers rely on was changed or removed: " << line;
  EXPECT_GT(count, 200u);
  if (std::getenv("GARITA_PRINT_FACTS") != nullptr)  // what a release adds to the file
    for (const std::string& line : now) std::puts(line.c_str());
}

TEST(Dictionary, every_field_has_labels_in_both_languages) {
  for (const pb::FieldDescriptor* field : fields()) {
    EXPECT_FALSE(rule_of(*field).en.empty()) << field->full_name();
    EXPECT_FALSE(rule_of(*field).es.empty()) << field->full_name();
  }
}

TEST(Dictionary, every_list_has_a_limit) {
  for (const pb::FieldDescriptor* field : fields())
    EXPECT_EQ(field->is_repeated(), field->options().GetExtension(v1::rule).has_max_count())
        << field->full_name();
}

TEST(Dictionary, every_single_value_knows_whether_it_is_set) {
  for (const pb::FieldDescriptor* field : fields())
    if (!field->is_repeated() && field->containing_type() != v1::RowRange::descriptor() &&
        field->containing_type() != v1::PixelRun::descriptor() &&
        field->containing_type() != v1::LineGap::descriptor()) {
      EXPECT_TRUE(field->has_presence()) << field->full_name();
    }
}

TEST(Dictionary, a_unit_ends_the_name_of_its_field) {
  const std::map<std::string, std::string> endings = {
      {"mm", "_mm"},   {"m/s", "_mps"}, {"kg", "_kg"},        {"keV", "_kev"}, {"ns", "_ns"},
      {"s", "_s"},     {"Hz", "_hz"},   {"mA", "_ma"},        {"GBq", "_gbq"}, {"µm", "_um"},
      {"m°", "_mdeg"}, {"B", "_bytes"}, {"bit", "_bits_used"}};
  for (const pb::FieldDescriptor* field : fields()) {
    const std::string unit(rule_of(*field).unit);
    if (unit.empty()) continue;
    EXPECT_TRUE(endings.contains(unit) && field->name().ends_with(endings.at(unit))) << field->full_name();
  }
}

TEST(Dictionary, every_format_named_is_one_that_is_checked) {
  std::set<std::string_view> used;
  for (const pb::FieldDescriptor* field : fields()) {
    const std::string_view format = rule_of(*field).format;
    EXPECT_TRUE(format.empty() || find_format(format) != nullptr) << field->full_name();
    used.insert(format);
  }
  for (const Format& format : formats())
    EXPECT_TRUE(used.contains(format.name) || format.name == "uuid") << format.name << " is used by no field";
}

TEST(Dictionary, only_shapes_that_leaves_can_carry_occur) {
  for (const pb::FieldDescriptor* field : fields()) {
    EXPECT_FALSE(field->is_map()) << field->full_name();
    if (!field->is_repeated() || field->message_type() != nullptr) continue;
    const bool known = field->cpp_type() == pb::FieldDescriptor::CPPTYPE_DOUBLE ||
                       field->type() == pb::FieldDescriptor::TYPE_STRING;
    EXPECT_TRUE(known) << field->full_name();
  }
  for (const pb::FieldDescriptor* field : fields()) {
    if (!rule_of(*field).series) continue;
    for (int i = 0; i < field->message_type()->field_count(); ++i)
      EXPECT_EQ(field->message_type()->field(i)->cpp_type(), pb::FieldDescriptor::CPPTYPE_INT64)
          << field->full_name();
  }
}

TEST(Dictionary, no_field_is_called_like_a_top_level_domain) {
  for (int i = 0; i < v1::Inspection::descriptor()->field_count(); ++i) {
    const std::string& name = v1::Inspection::descriptor()->field(i)->name();
    EXPECT_GT(name.size(), 3u) << name;  // com, org, mx: those keys are the vendors' own
  }
}

TEST(Dictionary, words_are_unique_and_without_prefix) {
  for (const FieldInfo& info : dictionary())
    for (const std::string& word : info.words) {
      EXPECT_TRUE(std::all_of(word.begin(), word.end(),
                              [](char c) { return std::islower(c) || std::isdigit(c) || c == '_'; }))
          << info.pattern << " " << word;
      EXPECT_EQ(word_of(*info.field, *number_of(*info.field, word)), word);
    }
  EXPECT_EQ(find_field("conveyance.kind")->words[6], "rail_car");
  EXPECT_EQ(find_field("detections[].category")->words[5], "synthetic_drug");
  EXPECT_EQ(find_field("views[].sample_type")->words[2], "u16");
}

TEST(Dictionary, numbers_of_view_words_equal_those_of_the_driver_abi) {
  EXPECT_EQ(static_cast<uint32_t>(v1::View::SHAPE_VOLUME), 3u);
  EXPECT_EQ(static_cast<uint32_t>(v1::View::FIDELITY_DISPLAY), 5u);
  EXPECT_EQ(static_cast<uint32_t>(v1::View::SAMPLE_TYPE_F64), 8u);
  EXPECT_EQ(static_cast<uint32_t>(v1::View::UNIT_MICROSIEVERT_PER_H), 9u);
  EXPECT_EQ(static_cast<uint32_t>(v1::Channel::KIND_BLUE), 6u);
  EXPECT_EQ(static_cast<uint32_t>(v1::Geometry::COLUMN_ZERO_RIGHT), 4u);
}

TEST(Dictionary, a_field_is_found_by_path_and_by_pattern) {
  const FieldInfo* number = find_field("conveyance.containers[].number");
  ASSERT_NE(number, nullptr);
  EXPECT_EQ(find_field("conveyance.containers[63].number"), number);
  EXPECT_EQ(number->rule.format, "iso6346");
  EXPECT_EQ(number->type, "text");
  EXPECT_TRUE(number->driver);
  EXPECT_EQ(find_field("conveyance.speed_mps")->rule.unit, "m/s");
  EXPECT_EQ(find_field("views[0].channels[1].dead_pixels")->type, "series");
}

TEST(Dictionary, what_is_no_path_is_not_found) {
  for (const char* path :
       {"", ".", "conveyance", "conveyance.", "conveyance.nothing", "conveyance[0].vin", "views.name",
        "views[-1].name", "views[01].name", "views[0", "views[0]name", "views[9999999999].name",
        "Conveyance.vin", "conveyance.vin.more", "a.b.c.d.e.f.g.h.i"})
    EXPECT_EQ(find_field(path), nullptr) << path;
}

TEST(Dictionary, identity_provenance_and_site_are_not_for_drivers) {
  for (const FieldInfo& info : dictionary())
    if (info.pattern.starts_with("provenance.") || info.pattern.starts_with("site.") ||
        info.pattern.starts_with("views") || info.pattern.starts_with("suspect") ||
        info.pattern == "identity.id" || info.pattern == "device.driver_sha256" ||
        info.pattern == "device.certification" || info.pattern.starts_with("completeness")) {
      EXPECT_FALSE(info.driver) << info.pattern;
    }
  EXPECT_TRUE(find_field("device.serial")->driver);
  EXPECT_TRUE(find_field("documents.pedimentos[]")->driver);
}

TEST(Dictionary, every_value_has_a_redaction_class) {
  for (const FieldInfo& info : dictionary()) {
    EXPECT_NE(info.redaction, v1::REDACTION_UNSPECIFIED) << info.pattern;
    EXPECT_EQ(redaction_class(info.pattern), info.redaction) << info.pattern;
  }
}

TEST(Dictionary, the_innermost_class_decides) {
  EXPECT_EQ(redaction_class("conveyance.plates[0].number"), v1::REDACTION_CONVEYANCE);
  EXPECT_EQ(redaction_class("conveyance.containers[0].number"), v1::REDACTION_CARGO);
  EXPECT_EQ(redaction_class("conveyance.air.bag_tags[3]"), v1::REDACTION_PERSON);
  EXPECT_EQ(redaction_class("conveyance"), v1::REDACTION_CONVEYANCE);
  EXPECT_EQ(redaction_class("suspect[0].value.text"), v1::REDACTION_UNVERIFIED);
  EXPECT_EQ(redaction_class("nothing.like.it"), v1::REDACTION_UNSPECIFIED);
  EXPECT_EQ(redaction_from_name("cargo"), v1::REDACTION_CARGO);
  EXPECT_EQ(redaction_name(v1::REDACTION_CARGO), "cargo");
  EXPECT_FALSE(redaction_from_name("CARGO").has_value());
}

TEST(Dictionary, labels_come_in_the_readers_language) {
  const pb::FieldDescriptor& kind = *find_field("conveyance.kind")->field;
  EXPECT_EQ(label_of(kind, v1::Conveyance::KIND_TRUCK, base::Language::en), "truck");
  EXPECT_EQ(label_of(kind, v1::Conveyance::KIND_TRUCK, base::Language::es), "camión");
  EXPECT_EQ(label_of(kind, 77, base::Language::es), "77");
}

}  // namespace
}  // namespace garita::record
