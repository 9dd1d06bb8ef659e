#include "core/record/leaf.hpp"

#include <google/protobuf/util/message_differencer.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>

#include "tests/record/random_record.hpp"

namespace garita::record {
namespace {

using google::protobuf::util::MessageDifferencer;

std::string le64(uint64_t value) {
  std::string bytes;
  for (int i = 0; i < 8; ++i) bytes += static_cast<char>(value >> (8 * i));
  return bytes;
}

std::string refusal(std::vector<Leaf> leaves) {
  const auto decoded = decode_leaves(leaves);
  return decoded.ok() ? "accepted" : decoded.error().id;
}

TEST(Leaf, every_kind_of_value_is_written_as_the_header_draws_it) {
  v1::Inspection inspection;
  inspection.mutable_conveyance()->set_vin("X");
  inspection.mutable_conveyance()->set_axles(5);
  inspection.mutable_conveyance()->set_speed_mps(2.0);
  inspection.mutable_conveyance()->set_kind(v1::Conveyance::KIND_RAIL_CAR);
  inspection.mutable_time()->mutable_started()->set_utc_ns(-2);
  inspection.mutable_provenance()->set_replayed(true);
  inspection.mutable_provenance()->set_host_sha256(std::string("\0\xFF", 2));
  const std::vector<Leaf> expected = {{"conveyance.kind", "erail_car"},
                                      {"conveyance.vin", "tX"},
                                      {"conveyance.axles", "u" + le64(5)},
                                      {"conveyance.speed_mps", "d" + le64(0x4000000000000000)},
                                      {"time.started.utc_ns", "i" + le64(static_cast<uint64_t>(-2))},
                                      {"provenance.host_sha256", std::string("y\0\xFF", 3)},
                                      {"provenance.replayed", "b\1"}};
  EXPECT_EQ(leaves(inspection), expected);
}

TEST(Leaf, series_are_one_leaf_each) {
  v1::Inspection inspection;
  v1::Channel& channel = *inspection.add_views()->add_channels();
  v1::PixelRun& run = *channel.add_dead_pixels();
  run.set_rows(7);
  run.set_first_column(3);
  run.set_columns(1);
  inspection.add_readings()->add_values(2.0);
  const std::vector<Leaf> expected = {
      {"views[0].channels[0].dead_pixels", "I" + le64(0) + le64(7) + le64(3) + le64(1)},
      {"readings[0].values", "D" + le64(0x4000000000000000)}};
  EXPECT_EQ(leaves(inspection), expected);
}

TEST(Leaf, what_is_there_but_empty_is_said) {
  v1::Inspection inspection;
  EXPECT_TRUE(leaves(inspection).empty());
  inspection.mutable_site();
  inspection.add_views();
  EXPECT_EQ(leaves(inspection), (std::vector<Leaf>{{"site", "m"}, {"views[0]", "m"}}));
}

TEST(Leaf, any_record_comes_back_as_it_was) {
  const uint64_t seed = std::random_device{}();
  for (uint64_t i = 0; i < 300; ++i) {
    const v1::Inspection inspection = RandomRecord(seed + i).make();
    const auto back = decode_leaves(leaves(inspection));
    ASSERT_TRUE(back.ok()) << "seed " << seed + i << " " << back.error().id << " "
                           << back.error().field("path");
    EXPECT_TRUE(back->unknown.empty());
    ASSERT_TRUE(MessageDifferencer::Equals(inspection, back->inspection)) << "seed " << seed + i;
    EXPECT_EQ(leaves(back->inspection), leaves(inspection));
  }
}

TEST(Leaf, any_leaf_may_be_withheld_and_the_rest_still_reads) {
  const uint64_t seed = std::random_device{}();
  std::mt19937_64 random(seed);
  for (uint64_t i = 0; i < 100; ++i) {
    std::vector<Leaf> some = leaves(RandomRecord(seed + i).make());
    std::erase_if(some, [&](const Leaf&) { return random() % 3 == 0; });
    const auto back = from_leaves(some);
    ASSERT_TRUE(back.ok()) << "seed " << seed << " " << back.error().id;
    const std::vector<Leaf> again = leaves(*back);
    const auto has = [&](const Leaf& leaf) {
      return std::ranges::find(again, leaf) != again.end() || leaf.value == "m";
    };
    EXPECT_TRUE(std::ranges::all_of(some, has)) << "seed " << seed << " record " << i;
  }
}

TEST(Leaf, paths_occur_once_in_any_record) {
  for (uint64_t seed = 1; seed < 50; ++seed) {
    std::set<std::string> paths;
    for (const Leaf& leaf : leaves(RandomRecord(seed).make()))
      EXPECT_TRUE(paths.insert(leaf.path).second) << leaf.path;
  }
}

TEST(Leaf, a_number_without_a_word_survives) {
  v1::Inspection inspection;
  inspection.mutable_conveyance()->set_kind(static_cast<v1::Conveyance::Kind>(77));
  ASSERT_EQ(leaves(inspection), (std::vector<Leaf>{{"conveyance.kind", "e77"}}));
  EXPECT_EQ(from_leaves(leaves(inspection))->conveyance().kind(), 77);
}

TEST(Leaf, text_that_is_not_utf8_is_made_so) {
  v1::Inspection inspection;
  inspection.mutable_device()->set_model("A\xFF");
  EXPECT_EQ(leaves(inspection)[0].value, "tA\xEF\xBF\xBD");
}

TEST(Leaf, elements_beyond_the_limit_are_left_out) {
  v1::Inspection inspection;
  for (int i = 0; i < 20; ++i) inspection.add_views();
  EXPECT_EQ(leaves(inspection).size(), 16u);
}

TEST(Leaf, what_a_newer_version_wrote_is_kept_aside) {
  const std::vector<Leaf> newer = {
      {"conveyance.vin", "tX"}, {"conveyance.hovers", "b\1"}, {"conveyance.kind", "eairship"}};
  const auto decoded = decode_leaves(newer);
  ASSERT_TRUE(decoded.ok());
  EXPECT_EQ(decoded->inspection.conveyance().vin(), "X");
  EXPECT_EQ(decoded->unknown, (std::vector<Leaf>{newer[1], newer[2]}));
}

TEST(Leaf, a_path_said_twice_is_refused) {
  EXPECT_EQ(refusal({{"conveyance.vin", "tX"}, {"conveyance.vin", "tX"}}), "record.leaf_twice");
  EXPECT_EQ(refusal({{"suspect[0].value.text", "tX"}, {"suspect[0].value.real", "d" + le64(0)}}),
            "record.leaf_twice");
}

TEST(Leaf, a_value_of_another_type_is_refused) {
  EXPECT_EQ(refusal({{"conveyance.vin", "yX"}}), "record.leaf_tag");
  EXPECT_EQ(refusal({{"conveyance.axles", "i" + le64(1)}}), "record.leaf_tag");
  EXPECT_EQ(refusal({{"conveyance", "tX"}}), "record.leaf_tag");
  EXPECT_EQ(refusal({{"readings[0].values", "I" + le64(1)}}), "record.leaf_tag");
  EXPECT_EQ(refusal({{"conveyance.vin", "zX"}}), "record.leaf_tag");
}

TEST(Leaf, a_value_of_the_wrong_size_is_refused) {
  EXPECT_EQ(refusal({{"conveyance.vin", ""}}), "record.leaf_size");
  EXPECT_EQ(refusal({{"conveyance.axles", "u123"}}), "record.leaf_size");
  EXPECT_EQ(refusal({{"provenance.replayed", "b"}}), "record.leaf_size");
  EXPECT_EQ(refusal({{"site", "mX"}}), "record.leaf_size");
  EXPECT_EQ(refusal({{"readings[0].values", "D"}}), "record.leaf_size");
  EXPECT_EQ(refusal({{"readings[0].values", "D1234567"}}), "record.leaf_size");
  EXPECT_EQ(refusal({{"views[0].channels[0].dead_pixels", "I" + le64(1)}}), "record.leaf_size");
}

TEST(Leaf, a_value_that_the_field_cannot_hold_is_refused) {
  EXPECT_EQ(refusal({{"conveyance.axles", "u" + le64(1ull << 32)}}), "record.leaf_value");
  EXPECT_EQ(refusal({{"time.started.offset_s", "i" + le64(1ull << 32)}}), "record.leaf_value");
  EXPECT_EQ(refusal({{"provenance.replayed", "b\2"}}), "record.leaf_value");
  EXPECT_EQ(refusal({{"conveyance.vin", "t\xFF"}}), "record.leaf_value");
}

TEST(Leaf, an_index_beyond_the_limit_makes_nothing) {
  EXPECT_EQ(refusal({{"views[16].name", "ta"}}), "record.leaf_index");
  EXPECT_EQ(refusal({{"conveyance.containers[99999999].number", "ta"}}), "record.leaf_index");
  EXPECT_EQ(refusal({{"documents.pedimentos[64]", "ta"}}), "record.leaf_index");
}

TEST(Leaf, what_cannot_be_a_path_is_refused) {
  for (const char* path :
       {"", ".", "views[].name", "views[00].name", "views[0].channels[0].dead_pixels[0].rows",
        "views[0].channels[0].dead_pixels[0]", "documents.pedimentos", "CONVEYANCE.vin", "views[0]."})
    EXPECT_EQ(refusal({{path, "tX"}}), "record.leaf_path") << path;
}

TEST(Leaf, what_is_larger_than_a_record_may_be_is_refused) {
  EXPECT_EQ(refusal({{"conveyance.vin", "t" + std::string(65537, 'x')}}), "record.leaf_limit");
  EXPECT_EQ(refusal({{std::string(257, 'a'), "tX"}}), "record.leaf_limit");
  EXPECT_EQ(refusal({{"readings[0].values", "D" + std::string(8 * 65537, '\0')}}), "record.leaf_limit");
}

}  // namespace
}  // namespace garita::record
