// The driver through its ABI, with an inbox in memory.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <random>

#include "core/load/in_process.hpp"
#include "core/load/library.hpp"
#include "core/load/manifest.hpp"
#include "core/load/status.hpp"
#include "core/load/testing/memory_services.hpp"
#include "drivers/dicos/tests/samples.hpp"

namespace garita::dicos {
namespace {

class Driver : public testing::Test {
 protected:
  Driver() {
    services_.streams["exports"].kind = GARITA_STREAM_OBJECTS;
    services_.configuration["original"] = {GARITA_VALUE_TEXT, 0, 0, "drop"};
    services_.configuration["utc_offset_min"] = {};
  }

  void put(const std::string& name, const std::string& bytes) { services_.objects.push_back({name, bytes, {}, false, 0, {}}); }

  void run() {
    const auto manifest = load::read_manifest(GARITA_DRIVER_DIR "/dicos/dicos.garita.json");
    ASSERT_TRUE(manifest.ok());
    const auto library = load::Library::load(*manifest);
    ASSERT_TRUE(library.ok());
    auto session = load::open_in_process(*library, services_, "", "test", UINT64_MAX / 4);
    ASSERT_TRUE(session.ok());
    for (int calls = 0; calls < 10000; ++calls) {
      load::Next next = (*session)->next(services_.now_ns() + 1'000'000'000);
      if (next.status == GARITA_END) return;
      ASSERT_NE(next.status, GARITA_DRIVER_FAULT);
      torn_ += load::class_of(next.status) == load::StatusClass::data;
      if (next.status != GARITA_OK) continue;
      if (auto* begin = std::get_if<image::ScanBegin>(&next.event)) begins_.push_back(*begin);
      if (auto* found = std::get_if<image::Detection>(&next.event)) detections_.push_back(*found);
      if (auto* strip = std::get_if<image::Strip>(&next.event)) rows_ += strip->rows;
      if (std::holds_alternative<image::ScanEnd>(next.event)) ++ends_;
    }
    FAIL() << "the driver does not come to an end";
  }

  // Every object is done, or refused with a sentence that names it; a scan that broke off costs its object.
  void expect_each_done_or_refused() {
    for (const auto& object : services_.objects) {
      EXPECT_NE(object.done, object.rejected != 0) << object.name;
      EXPECT_TRUE(!object.rejected || object.reason.find(object.name) != std::string::npos) << object.reason;
    }
  }

  load::testing::MemoryServices services_;
  std::vector<image::ScanBegin> begins_;
  std::vector<image::Detection> detections_;
  uint64_t rows_ = 0;
  int ends_ = 0;
  size_t torn_ = 0;  // scans that broke off
};

TEST_F(Driver, report_joins_its_image_whichever_comes_first) {
  put("a_report.dcs", samples::report());
  put("b_image.dcs", samples::image({.sop_class = samples::dicos_dx_class}));
  run();
  ASSERT_EQ(begins_.size(), 2u);
  EXPECT_EQ(begins_[1].relation, GARITA_RELATION_SUPPLEMENT);
  EXPECT_EQ(begins_[1].related_key, begins_[0].key);
  EXPECT_EQ(detections_.size(), 1u);
  EXPECT_EQ(rows_, 9u);
  EXPECT_TRUE(services_.objects[0].done && services_.objects[1].done);
}

TEST_F(Driver, report_without_its_image_stands_alone) {
  put("report.dcs", samples::report("EXPLOSIVE", "1.2.3.4"));
  run();
  ASSERT_EQ(begins_.size(), 1u);
  EXPECT_EQ(begins_[0].relation, GARITA_RELATION_NEW);
  EXPECT_EQ(detections_.at(0).category, "explosive");
}

TEST_F(Driver, time_without_a_zone_is_on_the_clock_that_the_site_describes) {
  services_.configuration["utc_offset_min"] = {GARITA_VALUE_I64, -420, 0, {}};
  put("a.dcm", samples::image({}));
  run();
  ASSERT_EQ(begins_.size(), 1u);
  EXPECT_EQ(begins_[0].time.utc_ns, (1709208000LL + 25200) * 1'000'000'000 + 500'000'000);
  EXPECT_EQ(begins_[0].time.uncertainty_ns, 0);
}

TEST_F(Driver, baggage_and_cargo_say_what_the_subject_is) {
  const auto cargo = [](DcmDataset& out) { samples::need(out.putAndInsertString({0x4010, 0x1042}, "CARGO")); };
  put("a.dcs", samples::image({.sop_class = samples::dicos_dx_class, .change = cargo}));
  run();
  ASSERT_EQ(begins_.size(), 1u);
  const auto& found = begins_[0].attributes;
  EXPECT_TRUE(std::any_of(found.begin(), found.end(), [](const auto& attribute) {
    return attribute.key == "identity.subject" && attribute.value.text == "cargo";
  }));
}

TEST_F(Driver, one_instance_in_two_codings_is_two_scans) {
  put("a.dcm", samples::image({}));
  put("b.dcm", samples::image({.coding = EXS_RLELossless}));
  run();
  ASSERT_EQ(begins_.size(), 2u);
  EXPECT_NE(begins_[0].key, begins_[1].key);
}

TEST_F(Driver, bad_file_is_rejected_by_name_and_the_next_is_read) {
  put("bad.dcm", samples::image({.sop_class = "1.2.840.10008.5.1.4.1.1.4"}));
  put("good.dcm", samples::image({.coding = EXS_JPEGLSLossless, .frames = 2}));
  run();
  EXPECT_EQ(services_.objects[0].rejected, GARITA_DATA_UNSUPPORTED);
  EXPECT_NE(services_.objects[0].reason.find("bad.dcm"), std::string::npos);
  EXPECT_EQ(rows_, 18u);
  EXPECT_EQ(ends_, 1);
}

TEST_F(Driver, damaged_frame_costs_its_file_alone) {
  std::string damaged = samples::image({.coding = EXS_JPEGProcess14SV1});
  damaged[damaged.rfind("\xff\xc3") + 6] ^= 1;  // its head says another height than the file
  put("damaged.dcm", damaged);
  put("good.dcm", samples::image({}));
  run();
  EXPECT_EQ(begins_.size(), 2u);
  EXPECT_EQ(ends_, 1);
  EXPECT_FALSE(services_.objects[0].done);
  EXPECT_TRUE(services_.objects[1].done);
}

TEST_F(Driver, file_without_a_known_ending_is_read_where_it_is_dicom_and_left_alone_where_it_is_not) {
  put("1.2.840.113619.2.55", samples::image({}));
  put("notes.txt", "of 4 March\n");
  put("listing.txt", std::string(200, 'x'));
  put("empty", "");
  run();
  EXPECT_EQ(begins_.size(), 1u);
  for (const auto& object : services_.objects) EXPECT_TRUE(object.done) << object.name;
}

TEST_F(Driver, file_named_dicom_that_is_not_is_refused_by_name) {
  put("a.dcm", "not DICOM");
  put("b.DCS", "");
  run();
  EXPECT_NE(services_.objects[0].reason.find("'a.dcm'"), std::string::npos) << services_.objects[0].reason;
  EXPECT_NE(services_.objects[1].rejected, 0u);
}

TEST_F(Driver, file_cut_anywhere_costs_itself_alone) {
  for (const auto coding : {EXS_LittleEndianExplicit, EXS_JPEGProcess14SV1}) {
    const std::string whole = samples::image({.coding = coding});
    for (size_t size = 0; size < whole.size(); size += 7)
      put("cut" + std::to_string(services_.objects.size()) + ".dcm", whole.substr(0, size));
  }
  put("whole.dcm", samples::image({}));
  run();
  expect_each_done_or_refused();
  EXPECT_EQ(begins_.size(), 1u + torn_);
  EXPECT_TRUE(services_.objects.back().done);
}

TEST_F(Driver, file_with_flipped_bits_is_read_or_refused) {
  const unsigned seed = std::random_device{}();
  RecordProperty("seed", std::to_string(seed));
  std::mt19937 random(seed);
  for (int i = 0; i < 300; ++i) {
    std::string damaged = i % 3 == 0 ? samples::report() : samples::image({.coding = i % 3 == 1 ? EXS_LittleEndianExplicit : EXS_RLELossless});
    for (int flips = 0; flips < 3; ++flips) damaged[128 + random() % (damaged.size() - 128)] ^= static_cast<char>(1 << random() % 8);
    put(std::to_string(i) + ".dcm", damaged);
  }
  run();
  expect_each_done_or_refused();
  EXPECT_FALSE(HasFailure()) << "seed " << seed;
}

}  // namespace
}  // namespace garita::dicos
