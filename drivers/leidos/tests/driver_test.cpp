// The driver through its ABI, with an inbox in memory.
#include <gtest/gtest.h>

#include <random>

#include "core/load/in_process.hpp"
#include "core/load/library.hpp"
#include "core/load/manifest.hpp"
#include "core/load/status.hpp"
#include "core/load/testing/memory_services.hpp"
#include "drivers/leidos/tests/samples.hpp"

namespace garita::leidos {
namespace {

using samples::sidecar;
using Siblings = std::map<std::string, std::string>;

class Driver : public testing::Test {
 protected:
  Driver() {
    services_.streams["exports"].kind = GARITA_STREAM_OBJECTS;
    configure("northbound", "unsaid");
    configure("radiation_file", "keep");
  }
  void configure(const std::string& key, const std::string& word) {
    services_.configuration[key] = {GARITA_VALUE_TEXT, 0, 0, word};
  }

  static Siblings files_of(const samples::SidecarOptions& o = {}) {
    return {{o.stem + "_tx.tif", o.transmission},
            {o.stem + "_bs.tif", o.backscatter},
            {o.stem + "_plate.jpg", samples::jpeg},
            {o.stem + "_rpm.n42", samples::n42}};
  }
  void put(const std::string& text, Siblings files = files_of()) {
    services_.objects.push_back(
        {"p" + std::to_string(services_.objects.size() + 1) + ".xml", text, std::move(files), false, 0, {}});
  }
  void put_good() { put(sidecar(), files_of()); }

  void run() {
    const auto manifest = load::read_manifest(GARITA_DRIVER_DIR "/leidos/leidos.garita.json");
    ASSERT_TRUE(manifest.ok());
    const auto library = load::Library::load(*manifest);
    ASSERT_TRUE(library.ok());
    auto session = load::open_in_process(*library, services_, "", "test", UINT64_MAX / 4);
    ASSERT_TRUE(session.ok());
    for (int calls = 0; calls < 100'000; ++calls) {
      load::Next next = (*session)->next(services_.now_ns() + 1'000'000'000);
      if (next.status == GARITA_END) return;
      ASSERT_EQ(next.status, GARITA_OK);
      take(next.event);
    }
    FAIL() << "the driver does not come to an end";
  }
  void take(const image::Event& event) {
    if (auto* begin = std::get_if<image::ScanBegin>(&event)) begins_.push_back(*begin);
    if (auto* found = std::get_if<image::Detection>(&event)) detections_.push_back(*found);
    if (auto* kept = std::get_if<image::Attachment>(&event)) attachments_.push_back(*kept);
    if (auto* end = std::get_if<image::ScanEnd>(&event)) ends_.push_back(*end);
    if (auto* strip = std::get_if<image::Strip>(&event)) {
      const auto* samples = reinterpret_cast<const uint16_t*>(strip->memory.get());
      planes_[strip->view].insert(planes_[strip->view].end(), samples,
                                  samples + strip->rows * strip->row_stride_bytes / 2);
    }
  }

  // Every passage is done, or refused with a sentence that names one of its files.
  void expect_each_done_or_refused() {
    for (const auto& object : services_.objects) {
      EXPECT_NE(object.done, object.rejected != 0) << object.name;
      EXPECT_TRUE(!object.rejected || object.reason.starts_with("'")) << object.reason;
    }
  }

  load::testing::MemoryServices services_;
  std::vector<image::ScanBegin> begins_;
  std::vector<image::Detection> detections_;
  std::vector<image::Attachment> attachments_;
  std::vector<image::ScanEnd> ends_;
  std::map<uint32_t, std::vector<uint16_t>> planes_;
};

TEST_F(Driver, passage_is_one_scan_of_two_views_with_its_photograph_and_readings) {
  put_good();
  run();
  ASSERT_EQ(begins_.size(), 1u);
  ASSERT_EQ(begins_[0].views.size(), 2u);
  EXPECT_EQ(begins_[0].views[0].name, "side");
  EXPECT_EQ(begins_[0].views[0].fidelity, GARITA_FIDELITY_TRANSMISSION);
  EXPECT_DOUBLE_EQ(begins_[0].views[0].slope * 51'000 + begins_[0].views[0].intercept, 1);
  EXPECT_NEAR(begins_[0].views[0].slope * 1'000 + begins_[0].views[0].intercept, 0, 1e-15);
  EXPECT_EQ(begins_[0].views[1].quantity, GARITA_QUANTITY_BACKSCATTER);
  EXPECT_EQ(begins_[0].views[1].polarity, GARITA_POLARITY_BRIGHT_MORE);
  EXPECT_EQ(begins_[0].passage_key, "K-7");
  EXPECT_EQ(begins_[0].objects.size(), 5u);
  ASSERT_EQ(attachments_.size(), 2u);
  EXPECT_EQ(attachments_[0].role, GARITA_ATTACHMENT_PLATE);
  EXPECT_EQ(attachments_[1].role, GARITA_ATTACHMENT_REPORT);
  EXPECT_EQ(ends_.at(0).outcome, GARITA_SCAN_COMPLETE);
  EXPECT_TRUE(services_.objects[0].done);
}

TEST_F(Driver, nose_on_the_left_gives_the_first_place_as_row_0_and_the_top_as_column_0) {
  put_good();
  run();
  ASSERT_EQ(planes_[0].size(), 24u);
  for (uint32_t row = 0; row < 6; ++row)
    for (uint32_t column = 0; column < 4; ++column)
      EXPECT_EQ(planes_[0][row * 4 + column], samples::pixel(row, column));
}

TEST_F(Driver, nose_on_the_right_is_turned_and_so_are_its_marks) {
  put(sidecar({.nose = "right",
               .more = "<Mark view='transmission' code='LX.AMMO' left='1' top='2' width='2' height='1'/>"}));
  run();
  ASSERT_EQ(planes_[0].size(), 24u);
  EXPECT_EQ(planes_[0][0], samples::pixel(5, 0));
  EXPECT_EQ(begins_.at(0).views[0].row_zero, GARITA_ROW_ZERO_FRONT);
  ASSERT_EQ(detections_.size(), 1u);
  EXPECT_EQ(detections_[0].first_row, 3u);
  EXPECT_EQ(detections_[0].first_column, 2u);
  EXPECT_EQ(detections_[0].vendor_code, "LX.AMMO");
}

TEST_F(Driver, nose_that_is_not_told_stays_unknown_in_the_order_of_the_picture) {
  put(sidecar({.nose = "unknown"}));
  run();
  EXPECT_EQ(begins_.at(0).views[0].row_zero, GARITA_ROW_ZERO_UNKNOWN);
  EXPECT_EQ(planes_[0].at(0), samples::pixel(0, 0));
}

TEST_F(Driver, mark_outside_its_picture_has_no_place) {
  put(sidecar({.more = "<Mark view='transmission' code='LX.RAD' left='5' top='0' width='2' height='1'/>"}));
  run();
  EXPECT_EQ(detections_.at(0).view, GARITA_NO_VIEW);
}

TEST_F(Driver, heading_is_a_direction_only_where_the_site_says_which) {
  configure("northbound", "leaving");
  put_good();
  run();
  const auto& attributes = begins_.at(0).attributes;
  const auto found = std::find_if(attributes.begin(), attributes.end(), [](const auto& attribute) {
    return attribute.key == "identity.direction";
  });
  ASSERT_NE(found, attributes.end());
  EXPECT_EQ(found->value.text, "leaving");
}

TEST_F(Driver, missing_backscatter_image_makes_the_scan_incomplete_and_the_whole_may_still_come) {
  Siblings files = files_of();
  files.erase("p1_bs.tif");
  put(sidecar(), files);
  put_good();
  run();
  ASSERT_EQ(begins_.size(), 2u);
  EXPECT_EQ(begins_[0].views.size(), 1u);
  EXPECT_EQ(ends_[0].outcome, GARITA_SCAN_FAULT);
  EXPECT_NE(ends_[0].reason.find("'p1_bs.tif' is named by the sidecar"), std::string::npos)
      << ends_[0].reason;
  EXPECT_EQ(begins_[0].key, begins_[1].key);
  EXPECT_EQ(ends_[1].outcome, GARITA_SCAN_COMPLETE);
}

TEST_F(Driver, missing_transmission_image_refuses_the_passage_and_the_next_is_read) {
  Siblings files = files_of();
  files.erase("p1_tx.tif");
  put(sidecar(), files);
  put_good();
  run();
  EXPECT_EQ(services_.objects[0].rejected, GARITA_DATA_TRUNCATED);
  EXPECT_TRUE(services_.objects[0].reason.starts_with("'p1_tx.tif' ")) << services_.objects[0].reason;
  EXPECT_EQ(begins_.size(), 1u);
}

TEST_F(Driver, file_of_another_passage_is_not_taken_for_this_one) {
  Siblings files = files_of();
  files["p1_tx.tif"] = samples::tiff({.big_endian = true});  // the same size
  put(sidecar(), files);
  put(sidecar({.stem = "p9"}));  // names files that are not beside it
  run();
  EXPECT_NE(services_.objects[0].reason.find("SHA-256 differs"), std::string::npos)
      << services_.objects[0].reason;
  EXPECT_NE(services_.objects[1].reason.find("'p9_tx.tif' is named by the sidecar"), std::string::npos);
  EXPECT_TRUE(begins_.empty());
}

TEST_F(Driver, file_longer_or_shorter_than_the_sidecar_says_is_not_the_one_that_is_meant) {
  for (const bool longer : {false, true}) {
    Siblings files = files_of();
    std::string& image = files["p1_tx.tif"];
    longer ? image.push_back('x') : image.pop_back();
    put(sidecar(), files);
  }
  put_good();
  run();
  for (size_t i = 0; i < 2; ++i)
    EXPECT_NE(services_.objects[i].reason.find("bytes; the sidecar says"), std::string::npos)
        << services_.objects[i].reason;
  EXPECT_EQ(begins_.size(), 1u);
}

TEST_F(Driver, stop_that_comes_before_the_start_or_a_clock_that_steps_costs_no_scan) {
  std::string stepped = sidecar();
  const size_t start = stepped.find("<Start"), stop = stepped.find("<Stop");
  ASSERT_TRUE(start != std::string::npos && stop != std::string::npos);
  const auto year = [&](size_t from) { return stepped.find(">20", from) + 1; };
  stepped.replace(year(stop), 4, "2001");
  put(stepped);
  put_good();
  run();
  ASSERT_EQ(ends_.size(), 2u);
  for (const auto& end : ends_) EXPECT_EQ(end.outcome, GARITA_SCAN_COMPLETE);
  EXPECT_NE(begins_[0].key, begins_[1].key);
}

TEST_F(Driver, picture_of_another_size_than_the_sidecar_says_is_refused) {
  const std::string other = samples::tiff({.width = 8, .height = 3, .lines_per_strip = 3});
  const samples::SidecarOptions options{.transmission = other};
  put(sidecar(options), files_of(options));
  run();
  EXPECT_NE(services_.objects[0].reason.find("is 8 x 3 pixels; the sidecar says 6 x 4"), std::string::npos)
      << services_.objects[0].reason;
}

TEST_F(Driver, photograph_that_is_none_leaves_the_scan_incomplete_without_it) {
  Siblings files = files_of();
  files["p1_plate.jpg"] = std::string(samples::jpeg.size(), 'x');
  std::string text = sidecar();
  const size_t at = text.find("sha256='", text.find("plate.jpg"));
  text.erase(at, text.find('\'', at + 8) - at + 1);
  put(text, files);
  run();
  EXPECT_EQ(attachments_.size(), 1u);
  EXPECT_NE(ends_.at(0).reason.find("'p1_plate.jpg' is no whole JPEG"), std::string::npos) << ends_[0].reason;
}

TEST_F(Driver, readings_are_dropped_where_the_site_says_so) {
  configure("radiation_file", "drop");
  put_good();
  run();
  EXPECT_EQ(attachments_.size(), 1u);
}

TEST_F(Driver, passages_cut_anywhere_cost_themselves_alone) {
  const std::string text = sidecar();
  for (size_t size = 0; size < text.size(); size += 7) put(text.substr(0, size));
  const size_t cut_sidecars = services_.objects.size();
  const std::string image = samples::tiff();
  for (size_t size = 0; size < image.size(); ++size) {
    Siblings files = files_of();
    files["p1_tx.tif"] = image.substr(0, size);
    put(sidecar(), files);
  }
  put_good();
  run();
  expect_each_done_or_refused();
  EXPECT_EQ(begins_.size(), 1u);
  EXPECT_GT(cut_sidecars, 100u);
  EXPECT_TRUE(services_.objects.back().done);
}

TEST_F(Driver, passages_with_flipped_bits_are_read_or_refused_and_no_pixel_is_wrong) {
  const unsigned seed = std::random_device{}();
  std::mt19937 random(seed);
  for (int i = 0; i < 300; ++i) {
    Siblings files = files_of();
    std::string text = sidecar(), &hit = i % 3 == 0   ? text
                                         : i % 3 == 1 ? files["p1_tx.tif"]
                                                      : files["p1_bs.tif"];
    for (int flips = 0; flips < 3; ++flips)
      hit[random() % hit.size()] ^= static_cast<char>(1 << random() % 8);
    put(text, files);
  }
  run();
  expect_each_done_or_refused();
  EXPECT_EQ(begins_.size(), ends_.size());
  for (size_t i = 1; i < services_.objects.size(); i += 3)
    EXPECT_NE(services_.objects[i].rejected, 0u) << "its digest betrays it; seed " << seed;
  EXPECT_FALSE(HasFailure()) << "seed " << seed;
}

}  // namespace
}  // namespace garita::leidos
