// Detections to DICOS and back: written by the exporter, read by drivers/dicos, put into a record as the host
// does.
#include "core/export/tdr.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <map>
#include <random>

#include "core/base/testing/temporary_folder.hpp"
#include "core/export/dicos/tdr_file.hpp"
#include "core/export/dicos_text.hpp"
#include "core/host/to_record.hpp"
#include "core/record/vocabulary.hpp"
#include "drivers/dicos/decode.hpp"

namespace garita::exporter {
namespace {

const base::Digest root = base::sha256(std::as_bytes(std::span("a package")));

image::Detection as_event(const Detection& from) {
  return {.view = from.view,
          .first_row = from.first_row,
          .rows = from.rows,
          .first_column = from.first_column,
          .columns = from.columns,
          .first_slice = from.first_slice,
          .slices = from.slices,
          .category = from.category,
          .vendor_code = from.vendor_code,
          .label = from.label,
          .confidence = from.confidence,
          .source = from.source,
          .polygon = from.polygon};
}

class TdrExport : public ::testing::Test {
 protected:
  TdrExport() {
    record.mutable_identity()->set_scan_key("S-1");
    record.mutable_identity()->set_subject(v1::Identity::SUBJECT_CARGO);
    record.mutable_device()->set_vendor("Maker");
    record.mutable_device()->set_serial("0017");
    record.mutable_time()->mutable_started()->set_utc_ns(1772368496'500000000);
    record.mutable_completeness()->set_state(v1::Completeness::STATE_COMPLETE);
    record.add_views()->set_name("side");
    record.mutable_views(0)->set_rows(1000);
  }

  // A box in the view "side".
  v1::Detection& add(v1::Category category = v1::CATEGORY_FENTANYL) {
    v1::Detection& detection = *record.add_detections();
    if (category != v1::CATEGORY_UNSPECIFIED) detection.set_category(category);
    detection.set_source(v1::Detection::SOURCE_MACHINE);
    detection.set_view("side");
    detection.set_first_row(100), detection.set_rows(40);
    detection.set_first_column(20), detection.set_columns(31);
    return detection;
  }

  std::vector<std::string> files() {
    lost.clear();
    std::vector<std::string> out;
    for (const dicos::Report& report : tdr_of(record, root, lost)) {
      auto file = dicos::tdr_file(report);
      EXPECT_TRUE(file) << file.error().id << ' ' << file.error().field("tag") << ' '
                        << file.error().field("reason");
      if (file) out.push_back(std::move(file).value());
    }
    return out;
  }

  // What the host has of the detections when drivers/dicos read the reports; their image is not at hand.
  std::vector<v1::Detection> returned() {
    std::vector<v1::Detection> out;
    for (const std::string& bytes : files()) {
      const garita::dicos::File file(std::as_bytes(std::span(bytes)));
      EXPECT_TRUE(file.content().report);
      for (const Detection& detection : file.content().detections)
        host::set_detection(as_event(detection), {}, "dicos", out.emplace_back());
    }
    return out;
  }

  // As it went, but for the view, which the list names.
  void expect_unchanged() {
    const auto came = returned();
    ASSERT_EQ(static_cast<int>(came.size()), record.detections_size());
    for (int i = 0; i < record.detections_size(); ++i) {
      v1::Detection went = record.detections(i);
      if (went.has_view()) {
        EXPECT_TRUE(has("export.dicos_view"));
        went.clear_view();
      }
      EXPECT_EQ(came[static_cast<size_t>(i)].DebugString(), went.DebugString());
    }
  }

  bool has(const std::string& id, const std::string& value = "") const {
    return std::any_of(lost.begin(), lost.end(), [&](const Lost& each) {
      return each.id == id &&
             (value.empty() || std::any_of(each.fields.begin(), each.fields.end(),
                                           [&](const base::Field& f) { return f.value == value; }));
    });
  }

  v1::Inspection record;
  std::vector<Lost> lost;
};

TEST_F(TdrExport, every_code_of_every_family_comes_back_with_its_category) {
  for (const record::VendorCode& row : record::vendor_codes()) {
    record.clear_detections();
    image::Detection event;
    event.vendor_code = row.code;  // all that such a driver says
    event.confidence = 0.73;
    event.rows = 8, event.columns = 9, event.first_row = 1, event.first_column = 2;
    host::set_detection(event, {}, row.family, *record.add_detections());
    ASSERT_EQ(record.detections(0).category(), row.category) << row.family << ' ' << row.code;
    expect_unchanged();
    EXPECT_EQ(returned().at(0).vendor_code(), row.code);
  }
}

TEST_F(TdrExport, every_category_comes_back) {
  for (int i = v1::Category_MIN; i <= v1::Category_MAX; ++i) add(static_cast<v1::Category>(i));
  expect_unchanged();
}

TEST_F(TdrExport, a_wider_word_of_dicos_is_listed) {
  add(v1::CATEGORY_CASH);
  files();
  EXPECT_TRUE(has("export.dicos_wider", "cash"));
  record.clear_detections();
  add(v1::CATEGORY_EXPLOSIVE);
  files();
  EXPECT_FALSE(has("export.dicos_wider"));
}

TEST_F(TdrExport, an_unknown_code_stays_verbatim_without_a_category) {
  v1::Detection& detection = add(v1::CATEGORY_UNSPECIFIED);
  detection.set_vendor_code("NT-??\\99 ñ 炸药");
  expect_unchanged();
  EXPECT_FALSE(returned().at(0).has_category());
}

TEST_F(TdrExport, an_unknown_word_stays_verbatim) {
  add(v1::CATEGORY_UNSPECIFIED).set_category_verbatim("Umbrella");
  expect_unchanged();
}

TEST_F(TdrExport, texts_numbers_and_polygons_come_back_in_full) {
  v1::Detection& detection = add(v1::CATEGORY_RADIOACTIVE);
  detection.set_label("Cs-137");
  detection.set_nuclide("Cs-137");
  detection.set_confidence(0.1);  // no float
  for (const double v : {20.1, 100.0, 51.0, 120.7, 30.0, 140.0}) detection.add_polygon(v);
  expect_unchanged();
}

TEST_F(TdrExport, a_polygon_of_floats_needs_no_element_of_ours) {
  v1::Detection& detection = add();
  for (const double v : {20.5, 100.0, 51.0, 120.25, 30.0, 140.0}) detection.add_polygon(v);
  EXPECT_TRUE(tdr_of(record, root, lost).at(0).threats.at(0).own_polygon.empty());
  expect_unchanged();
}

TEST_F(TdrExport, what_an_operator_found_is_a_report_of_its_own) {
  add();
  add(v1::CATEGORY_FIREARM).set_source(v1::Detection::SOURCE_OPERATOR);
  const auto reports = tdr_of(record, root, lost);
  ASSERT_EQ(reports.size(), 2u);
  EXPECT_EQ(reports[0].tdr_type, "MACHINE");
  EXPECT_EQ(reports[1].tdr_type, "OPERATOR");
  EXPECT_EQ(reports[1].threats.at(0).id, 1);
  EXPECT_NE(reports[0].instance_uid, reports[1].instance_uid);
  expect_unchanged();
}

TEST_F(TdrExport, each_view_is_referred_to_by_a_report_of_its_own) {
  record.add_views()->set_name("top");
  add();
  add().set_view("top");
  const auto reports = tdr_of(record, root, lost);
  ASSERT_EQ(reports.size(), 2u);
  EXPECT_EQ(reports[0].image_uid, dicos_uid(root, "image/side"));
  EXPECT_EQ(reports[1].image_uid, dicos_uid(root, "image/top"));
}

TEST_F(TdrExport, reader_finds_the_image_that_is_referred_to) {
  add();
  const std::string bytes = files().at(0);
  const garita::dicos::File file(std::as_bytes(std::span(bytes)));
  EXPECT_EQ(file.content().related_uid, dicos_uid(root, "image/side"));
}

TEST_F(TdrExport, rows_of_a_view_that_was_scanned_from_the_rear_are_turned_and_said) {
  record.mutable_views(0)->mutable_geometry()->set_rows_rear_first(true);
  add();
  EXPECT_EQ(tdr_of(record, root, lost).at(0).threats.at(0).box->base[1], 1000 - 100 - 40);
  EXPECT_TRUE(has("export.dicos_turned", "side"));
}

TEST_F(TdrExport, what_dicos_cannot_hold_is_listed) {
  v1::Detection& detection = add(v1::CATEGORY_RADIOACTIVE);
  detection.set_nuclide("Cs-137");
  detection.set_label("two lines\nof text ");
  record.mutable_identity()->set_scan_key("0192f0c1-8a3e-7b44-9c0d-1a2b3c4d5e6f");
  files();
  EXPECT_TRUE(has("export.dicos_left_out", "detections[0].nuclide"));
  EXPECT_TRUE(has("export.dicos_narrowed", "detections[0].label"));
  EXPECT_TRUE(has("export.dicos_narrowed", "identity.scan_key"));
  EXPECT_TRUE(has("export.dicos_filled", "device.model"));
}

TEST_F(TdrExport, random_detections_come_back_or_are_listed) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  const auto text = [&] {
    std::string out;
    for (unsigned i = random() % 20; i > 0; --i) out += static_cast<char>(' ' + random() % 95);
    return dicos_own_text(out);
  };
  for (int i = 0; i < 200; ++i) {
    v1::Detection& detection = add(static_cast<v1::Category>(random() % v1::Category_ARRAYSIZE));
    if (const std::string code = text(); !code.empty()) detection.set_vendor_code(code);
    if (const std::string label = text(); !label.empty()) detection.set_label(label);
    if (random() % 2) detection.set_confidence(static_cast<double>(random()) / 0xFFFFFFFFp0);
    detection.set_first_row(random() % 1000000), detection.set_rows(1 + random() % 300);
    detection.set_first_column(random() % 60000), detection.set_columns(1 + random() % 300);
    for (unsigned k = random() % 5; k > 0; --k) {
      detection.add_polygon(detection.first_column() + static_cast<double>(random() % 1000) / 7);
      detection.add_polygon(static_cast<double>(detection.first_row()) +
                            static_cast<double>(random() % 1000) / 4);
    }
  }
  expect_unchanged();
}

TEST_F(TdrExport, without_detections_there_is_nothing_to_report) {
  const base::testing::TemporaryFolder folder;
  EXPECT_EQ(export_tdr(record, root, folder.path() / "x.dcs").error().id, "export.no_detections");
  EXPECT_FALSE(std::filesystem::exists(folder.path() / "x.dcs"));
}

TEST_F(TdrExport, goes_into_one_file_through_the_library) {
  const base::testing::TemporaryFolder folder;
  add();
  const auto report = export_tdr(record, root, folder.path() / "x.dcs");
  ASSERT_TRUE(report) << report.error().id << report.error().field("reason");
  std::ifstream in(folder.path() / "x.dcs", std::ios::binary);
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(in), {}), files().at(0));
}

TEST_F(TdrExport, of_two_reports_does_not_go_into_one_file) {
  const base::testing::TemporaryFolder folder;
  add();
  add().set_source(v1::Detection::SOURCE_OPERATOR);
  EXPECT_EQ(export_tdr(record, root, folder.path() / "x.dcs").error().id, "export.many_files");
  const auto report = export_tdr(record, root, folder.path() / "out");
  ASSERT_TRUE(report);
  EXPECT_EQ(report->files.at(1), folder.path() / "out/tdr_2.dcs");
}

TEST_F(TdrExport, is_the_same_however_often_it_is_made) {
  add();
  EXPECT_EQ(files(), files());
}

// ---- What the strict writer puts in

class TdrFile : public TdrExport {
 protected:
  // Group, element and VR as they stand in an explicit little endian file.
  static std::string head(uint16_t group, uint16_t element, const char* vr) {
    std::string out;
    for (const uint16_t value : {group, element})
      out += {static_cast<char>(value & 0xFF), static_cast<char>(value >> 8)};
    return out + vr;
  }
};

TEST_F(TdrFile, begins_as_dicos_v03) {
  add();
  const std::string file = files().at(0);
  EXPECT_EQ(file.substr(128, 4), "DICM");
  EXPECT_NE(file.find(head(0x0002, 0x0004, "CS") + std::string("\4\0V03 ", 6)), std::string::npos);
  EXPECT_NE(file.find(std::string(dicos::tdr_class)), std::string::npos);
}

TEST_F(TdrFile, has_every_required_element) {
  add();
  const std::string file = files().at(0);
  const std::pair<uint32_t, const char*> required[] = {
      {0x00080016, "UI"}, {0x00080018, "UI"}, {0x00080020, "DA"}, {0x00080030, "TM"}, {0x00080060, "CS"},
      {0x00080070, "LO"}, {0x00080080, "LO"}, {0x00080081, "ST"}, {0x00081010, "SH"}, {0x00081090, "LO"},
      {0x00100020, "LO"}, {0x00100021, "LO"}, {0x00100022, "CS"}, {0x00181000, "LO"}, {0x00181020, "LO"},
      {0x00181200, "DA"}, {0x00181201, "TM"}, {0x0020000D, "UI"}, {0x0020000E, "UI"}, {0x00200010, "SH"},
      {0x40101010, "US"}, {0x40101011, "SQ"}, {0x40101037, "SQ"}, {0x40101038, "SQ"}, {0x40101001, "SQ"},
      {0x40101004, "FL"}, {0x40101005, "FL"}, {0x40101006, "OB"}, {0x4010101D, "FL"}, {0x40101012, "CS"},
      {0x40101014, "CS"}, {0x40101015, "CS"}, {0x40101024, "CS"}, {0x40101027, "CS"}, {0x40101029, "LO"},
      {0x4010102B, "DT"}, {0x40101031, "CS"}, {0x40101033, "US"}, {0x40101034, "US"}, {0x4010103A, "CS"},
      {0x40101042, "CS"}, {0x40101044, "CS"}, {0x40101048, "CS"}};
  for (const auto& [tag, vr] : required)
    EXPECT_NE(file.find(head(static_cast<uint16_t>(tag >> 16), static_cast<uint16_t>(tag), vr)),
              std::string::npos)
        << std::hex << tag;
}

TEST_F(TdrFile, without_a_required_value_is_refused) {
  add();
  dicos::Report report = tdr_of(record, root, lost).at(0);
  report.tdr_type.clear();
  const auto file = dicos::tdr_file(report);
  ASSERT_FALSE(file);
  EXPECT_EQ(file.error().field("tag"), "(4010,1027)");
}

TEST(DicosText, has_no_value_separators_controls_or_outer_blanks) {
  EXPECT_EQ(dicos_text("  a\\b\tc ", 64), "a/b c");
  EXPECT_EQ(dicos_text("ñandú", 3), "ñan");
  EXPECT_EQ(dicos_text("a\xFF", 64), "a?");
  EXPECT_EQ(dicos_own_text("a\\b"), "a\\b");
}

TEST(DicosText, uid_is_legal_and_its_own) {
  const std::string uid = dicos_uid(root, "tdr/1");
  EXPECT_LE(uid.size(), 64u);
  EXPECT_EQ(uid.find_first_not_of("0123456789."), std::string::npos);
  EXPECT_EQ(uid.substr(0, 5), "2.25.");
  EXPECT_NE(uid[5], '0');
  EXPECT_NE(uid, dicos_uid(root, "tdr/2"));
}

TEST(DicosText, stamp_is_utc) {
  const dicos::Stamp stamp = dicos_stamp(1772368496'500000000);
  EXPECT_EQ(stamp.date, "20260301");
  EXPECT_EQ(stamp.time, "123456.500000");
}

TEST(DicosText, bitmap_of_a_box_is_full_and_of_a_polygon_its_inside) {
  const dicos::Box box{{2, 3, 0}, {4, 2, 1}};
  EXPECT_EQ(dicos_bitmap(box, {}), std::vector<uint8_t>{0xFF});
  // The left half of the first row alone.
  EXPECT_EQ(dicos_bitmap(box, {2, 3, 4, 3, 4, 4, 2, 4}), std::vector<uint8_t>{0x03});
}

}  // namespace
}  // namespace garita::exporter
