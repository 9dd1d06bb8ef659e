// The driver through its ABI, with an inbox in memory.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "core/load/in_process.hpp"
#include "core/load/library.hpp"
#include "core/load/manifest.hpp"
#include "core/load/testing/memory_services.hpp"

namespace garita::n42 {
namespace {

constexpr const char* uuid = "0a91ca36-f473";

std::string root_2012(const std::string& counts, const std::string& result = "") {
  return "<RadInstrumentData xmlns='http://physics.nist.gov/N42/2011/N42' n42DocUUID='" + std::string(uuid) +
         "'><RadMeasurement><MeasurementClassCode>Foreground</MeasurementClassCode>"
         "<StartDateTime>2010-01-27T13:02:00Z</StartDateTime><RealTimeDuration>PT1S</RealTimeDuration>"
         "<Spectrum radDetectorInformationReference='Aa1'><LiveTimeDuration>PT0.5S</LiveTimeDuration>"
         "<ChannelData compressionCode='None'>" + counts + "</ChannelData></Spectrum></RadMeasurement>" + result +
         "</RadInstrumentData>";
}

const std::string caesium =
    "<AnalysisResults><NuclideAnalysisResults><Nuclide><NuclideName>Cs137</NuclideName>"
    "<NuclideIDConfidenceValue>80</NuclideIDConfidenceValue></Nuclide></NuclideAnalysisResults></AnalysisResults>";

class Driver : public testing::Test {
 protected:
  Driver() {
    services_.streams["exports"].kind = GARITA_STREAM_OBJECTS;
    services_.configuration["original"] = {GARITA_VALUE_TEXT, 0, 0, "drop"};
    services_.configuration["utc_offset_min"] = {};
  }

  void put(const std::string& name, const std::string& bytes) { services_.objects.push_back({name, bytes, {}, false, 0, {}}); }

  std::unique_ptr<load::Session> open() {
    const auto manifest = load::read_manifest(GARITA_DRIVER_DIR "/n42/n42.garita.json");
    EXPECT_TRUE(manifest.ok());
    const auto library = load::Library::load(*manifest);
    EXPECT_TRUE(library.ok());
    auto session = load::open_in_process(*library, services_, "", "test", UINT64_MAX / 4);
    return session.ok() ? std::move(*session) : nullptr;
  }

  // Until END; a fault of the driver, against the host's checks of its events, fails the test.
  void run() {
    const auto session = open();
    ASSERT_TRUE(session);
    for (int calls = 0; calls < 100000; ++calls) {
      load::Next next = session->next(services_.now_ns() + 1'000'000'000);
      if (next.status == GARITA_END) return;
      ASSERT_NE(next.status, GARITA_DRIVER_FAULT);
      if (next.status != GARITA_OK) continue;
      if (auto* begin = std::get_if<image::ScanBegin>(&next.event)) begins_.push_back(*begin);
      if (auto* reading = std::get_if<image::Reading>(&next.event)) readings_.push_back(*reading);
      if (auto* found = std::get_if<image::Detection>(&next.event)) detections_.push_back(*found);
      if (auto* kept = std::get_if<image::Attachment>(&next.event)) attachments_.push_back(*kept);
      if (std::holds_alternative<image::ScanEnd>(next.event)) ++ends_;
    }
    FAIL() << "the driver does not come to an end";
  }

  // Every object is one or the other, and a refusal has a sentence that names the file.
  void expect_each_done_or_refused() {
    for (const auto& object : services_.objects) {
      EXPECT_NE(object.done, object.rejected != 0) << object.name;
      EXPECT_TRUE(!object.rejected || object.reason.find(object.name) != std::string::npos) << object.reason;
    }
  }

  load::testing::MemoryServices services_;
  std::vector<image::ScanBegin> begins_;
  std::vector<image::Reading> readings_;
  std::vector<image::Detection> detections_;
  std::vector<image::Attachment> attachments_;
  size_t ends_ = 0;
};

TEST_F(Driver, a_file_is_one_scan_without_views_that_names_its_object) {
  put("a.n42", root_2012("1 2 3", caesium));
  run();
  ASSERT_EQ(begins_.size(), 1u);
  EXPECT_TRUE(begins_[0].views.empty());
  EXPECT_EQ(begins_[0].objects.size(), 1u);
  EXPECT_EQ(begins_[0].key.substr(0, std::string(uuid).size()), uuid);
  EXPECT_EQ(ends_, 1u);
  EXPECT_TRUE(services_.objects[0].done);
}

TEST_F(Driver, readings_and_nuclides_arrive_as_the_file_has_them) {
  put("a.n42", root_2012("1 2 3", caesium));
  run();
  ASSERT_EQ(readings_.size(), 1u);
  EXPECT_EQ(readings_[0].kind, GARITA_READING_SPECTRUM);
  EXPECT_EQ(readings_[0].values, (std::vector<double>{1, 2, 3}));
  ASSERT_EQ(detections_.size(), 1u);
  EXPECT_EQ(detections_[0].category, "radioactive");
  EXPECT_EQ(detections_[0].label, "Cs-137");
  EXPECT_DOUBLE_EQ(detections_[0].confidence, 0.8);
}

TEST_F(Driver, two_roots_of_one_file_are_two_scans_with_keys_of_their_own) {
  put("two.n42", "<Bundle>" + root_2012("1") + root_2012("2") + "</Bundle>");
  run();
  ASSERT_EQ(begins_.size(), 2u);
  EXPECT_NE(begins_[0].key, begins_[1].key);
  EXPECT_EQ(begins_[0].objects, begins_[1].objects);
  EXPECT_TRUE(services_.objects[0].done);
}

TEST_F(Driver, files_that_share_a_uuid_do_not_share_a_key) {
  put("a.n42", root_2012("1"));
  put("b.n42", root_2012("2"));
  run();
  ASSERT_EQ(begins_.size(), 2u);
  EXPECT_NE(begins_[0].key, begins_[1].key);
}

TEST_F(Driver, a_bad_file_is_rejected_by_name_and_the_next_is_read) {
  put("page.xml", "<html></html>");
  put("good.n42", root_2012("1"));
  run();
  EXPECT_EQ(services_.objects[0].rejected, GARITA_DATA_UNSUPPORTED);
  EXPECT_NE(services_.objects[0].reason.find("'page.xml' is no N42"), std::string::npos) << services_.objects[0].reason;
  EXPECT_TRUE(services_.objects[1].done);
}

TEST_F(Driver, the_file_is_kept_only_where_the_configuration_says_so) {
  put("a.n42", root_2012("1"));
  services_.configuration["original"].text = "keep";
  run();
  ASSERT_EQ(attachments_.size(), 1u);
  EXPECT_EQ(attachments_[0].role, GARITA_ATTACHMENT_ORIGINAL);
  EXPECT_EQ(attachments_[0].object, begins_[0].objects[0]);
}

TEST_F(Driver, a_file_cut_anywhere_is_refused_by_name) {
  const std::string whole = root_2012("1 2 3", caesium);
  for (size_t size = 0; size < whole.size(); size += 1 + whole.size() / 300)
    put("cut" + std::to_string(size) + ".n42", whole.substr(0, size));
  run();
  expect_each_done_or_refused();
  EXPECT_EQ(begins_.size(), 0u);
}

TEST_F(Driver, a_file_with_flipped_bits_is_read_or_refused) {
  const unsigned seed = std::random_device{}();
  RecordProperty("seed", std::to_string(seed));
  std::mt19937 random(seed);
  for (int i = 0; i < 300; ++i) {
    std::string damaged = root_2012("1 2 3", caesium);
    for (int flips = 0; flips < 3; ++flips) damaged[random() % damaged.size()] ^= static_cast<char>(1 << random() % 8);
    put(std::to_string(i) + ".n42", damaged);
  }
  run();
  expect_each_done_or_refused();
  EXPECT_EQ(begins_.size(), ends_) << "seed " << seed;
  EXPECT_FALSE(HasFailure()) << "seed " << seed;
}

TEST_F(Driver, times_without_a_zone_are_on_the_clock_that_the_site_describes) {
  std::string local = root_2012("1 2 3");
  local.erase(local.find("00Z<") + 2, 1);
  put("local.n42", local);
  put("utc.n42", root_2012("4"));
  services_.configuration["utc_offset_min"] = {GARITA_VALUE_I64, -420, 0, {}};
  run();
  ASSERT_EQ(begins_.size(), 2u);
  EXPECT_EQ(begins_[0].time.utc_ns - begins_[1].time.utc_ns, int64_t{7} * 3600 * 1'000'000'000);
  EXPECT_EQ(begins_[0].time.uncertainty_ns, 0);
  EXPECT_EQ(begins_[0].time.offset_s, -25'200);
  EXPECT_EQ(readings_.at(0).time.utc_ns, begins_[0].time.utc_ns);
}

TEST_F(Driver, the_passage_key_of_the_item_is_the_scans) {
  std::string file = root_2012("1 2 3");
  file.insert(file.find("<RadMeasurement>"),
              "<RadItemInformation><RadItemCharacteristics><Characteristic><CharacteristicName>PassageKey"
              "</CharacteristicName><CharacteristicValue>P-7</CharacteristicValue></Characteristic>"
              "</RadItemCharacteristics></RadItemInformation>");
  put("a.n42", file);
  run();
  EXPECT_EQ(begins_.at(0).passage_key, "P-7");
}

TEST_F(Driver, the_words_of_its_configuration_are_checked) {
  services_.configuration["original"].text = "perhaps";
  EXPECT_FALSE(open());
}

}  // namespace
}  // namespace garita::n42
