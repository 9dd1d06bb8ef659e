// From the package of a wedge to the millimetres of a later scan.
#include "core/host/steel_calibration.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <random>

#include "core/base/testing/temporary_folder.hpp"
#include "core/package/inspection.hpp"
#include "core/package/writer.hpp"

namespace garita::host {
namespace {

constexpr uint32_t columns = 120;
constexpr double thicknesses_mm[] = {0, 5, 10, 20, 40, 80};
constexpr uint64_t rows_a_step = 40;

double beam(double mm) { return 0.6 * std::exp(-0.05 * mm) + 0.4 * std::exp(-0.15 * mm); }

class Wedge : public ::testing::Test {
 protected:
  Wedge() {
    record.mutable_device()->set_driver_id("org.garita.portal");
    record.mutable_device()->set_serial("SP-0017");
    record.mutable_time()->mutable_started()->set_utc_ns(1772368496'000000000);
    v1::View& view = *record.add_views();
    view.set_name("side");
    view.set_rows(std::size(thicknesses_mm) * rows_a_step);
    view.set_transmission_offset(1024), view.set_transmission_scale(57344);
    view.add_channels()->set_kind(v1::Channel::KIND_HIGH);
  }

  // A scan of the wedge: a step every 40 rows, with noise; `spoil` may change the samples.
  std::filesystem::path scan(unsigned seed, const std::function<void(std::vector<uint16_t>&)>& spoil = {}) {
    std::mt19937 engine(seed);
    std::normal_distribution<double> noise(0, 0.003);
    std::vector<uint16_t> samples;
    for (const double mm : thicknesses_mm)
      for (uint64_t i = 0; i < rows_a_step * columns; ++i)
        samples.push_back(static_cast<uint16_t>(std::lround(1024 + 57344 * (beam(mm) + noise(engine)))));
    if (spoil) spoil(samples);
    const auto path = folder.path() / (std::to_string(++scans) + ".garita");
    auto key = base::SigningKey::generate(base::SignatureAlgorithm::ed25519);
    auto writer = package::Writer::create(base::real_file_system(), path, *key);
    const auto plane = writer->add_plane({.view = "side", .channel = "high", .columns = columns});
    EXPECT_TRUE(writer->append_rows(*plane, std::as_bytes(std::span(samples)), samples.size() / columns));
    EXPECT_TRUE(package::finish(*writer, record));
    return path;
  }

  static std::vector<SteelPlace> places() {
    std::vector<SteelPlace> out;
    for (size_t i = 0; i < std::size(thicknesses_mm); ++i)
      out.push_back({thicknesses_mm[i], i * rows_a_step + 4, rows_a_step - 8, 10, 100});
    return out;
  }

  base::Result<std::vector<StoredCurve>> calibrate(const std::filesystem::path& path,
                                                   const std::vector<SteelPlace>& where = places(),
                                                   const std::string& view = "side") {
    auto package = open_package(path);
    EXPECT_TRUE(package);
    return calibrate_steel(*package, view, where);
  }

  // Deviations of every step of a scan, in units of 1 mm or 4 σ of its mean, whichever is more.
  void expect_truth(const normalize::SteelCurve& curve, unsigned seed) {
    auto package = open_package(scan(seed));
    const auto& plane = package->reader.planes().at(0);
    for (const SteelPlace& place : places()) {
      normalize::StepMeter meter(place.columns);
      std::vector<uint16_t> row(columns);
      for (uint64_t i = place.first_row; i < place.first_row + place.rows; ++i) {
        ASSERT_TRUE(package->reader.read_rows(plane, i, 1, std::as_writable_bytes(std::span(row))));
        meter.add(std::span(row).subspan(place.first_column, place.columns));
      }
      const auto step = meter.result(place.steel_mm);
      const auto mm = curve.steel_mm(step->transmission),
                 sigma = curve.sigma_mm(step->transmission, step->sigma);
      ASSERT_TRUE(mm) << place.steel_mm;
      EXPECT_NEAR(*mm, place.steel_mm, std::max(4 * *sigma, 1.0));
    }
  }

  base::testing::TemporaryFolder folder;
  v1::Inspection record;
  int scans = 0;
};

TEST_F(Wedge, scanned_once_tells_the_millimetres_of_the_next_scan) {
  const auto curves = calibrate(scan(1));
  ASSERT_TRUE(curves) << curves.error().id;
  ASSERT_EQ(curves->size(), 1u);
  EXPECT_EQ(curves->at(0).channel, "high");
  for (unsigned seed = 2; seed < 6; ++seed) expect_truth(curves->at(0).curve, seed);
}

TEST_F(Wedge, curve_is_kept_and_stands_in_the_next_record) {
  const auto curves = calibrate(scan(1));
  ASSERT_TRUE(curves);
  const SteelStore store(folder.path());
  ASSERT_TRUE(store.keep(record, curves->at(0)));
  const auto loaded = store.load(record);
  ASSERT_TRUE(loaded);
  set_steel(*loaded, record);
  const auto again = steel_of(record.views(0).channels(0));
  ASSERT_TRUE(again);
  EXPECT_EQ(again->steel_mm(0.1), curves->at(0).curve.steel_mm(0.1));
}

TEST_F(Wedge, calibrated_again_replaces_its_curve_alone) {
  auto curves = calibrate(scan(1));
  ASSERT_TRUE(curves);
  const SteelStore store(folder.path());
  StoredCurve other = curves->at(0);
  other.channel = "low";
  ASSERT_TRUE(store.keep(record, curves->at(0)));
  ASSERT_TRUE(store.keep(record, other));
  ASSERT_TRUE(store.keep(record, curves->at(0)));
  EXPECT_EQ(store.load(record)->size(), 2u);
}

TEST_F(Wedge, of_another_device_is_not_used) {
  const auto curves = calibrate(scan(1));
  const SteelStore store(folder.path());
  ASSERT_TRUE(store.keep(record, curves->at(0)));
  record.mutable_device()->set_serial("SP-0018");
  EXPECT_TRUE(store.load(record)->empty());
}

TEST_F(Wedge, of_a_device_without_a_serial_number_is_known_by_its_lane) {
  const auto curves = calibrate(scan(1));
  const SteelStore store(folder.path());
  record.mutable_device()->clear_serial();
  EXPECT_EQ(store.keep(record, curves->at(0)).error().id, "host.steel_no_device");
  record.mutable_identity()->set_site("mexicali");
  record.mutable_identity()->set_lane("3");
  ASSERT_TRUE(store.keep(record, curves->at(0)));
  EXPECT_EQ(store.load(record)->size(), 1u);
}

TEST_F(Wedge, damaged_file_of_curves_is_refused_and_mended_by_calibrating) {
  const auto curves = calibrate(scan(1));
  const SteelStore store(folder.path());
  ASSERT_TRUE(store.keep(record, curves->at(0)));
  const auto path = std::filesystem::directory_iterator(folder.path() / "steel")->path();
  const std::string whole = *base::read_text_file(path, 1u << 20);
  const std::string texts[] = {
      "",
      "[]",
      "{}",
      "null",
      whole.substr(0, whole.size() / 2),
      R"({"schema":"garita.steel/1","driver":"org.garita.portal","place":"serial/SP-0017","curves":[{"view":"side","channel":"high","wedge":"","measured_utc_ns":0,"points":[[1,0,0],[2,3,0]]}]})",
      R"({"schema":"garita.steel/1","driver":"org.garita.portal","place":"serial/OTHER","curves":[]})"};
  for (const std::string& text : texts) {
    std::ofstream(path, std::ios::trunc) << text;
    EXPECT_EQ(store.load(record).error().id, "host.steel_file") << text;
  }
  ASSERT_TRUE(store.keep(record, curves->at(0)));
  EXPECT_TRUE(store.load(record));
}

TEST_F(Wedge, dead_pixels_and_lost_lines_are_left_out) {
  auto& channel = *record.mutable_views(0)->mutable_channels(0);
  auto& dead = *channel.add_dead_pixels();
  dead.set_first_row(0), dead.set_rows(1000), dead.set_first_column(50), dead.set_columns(5);
  auto& lost = *channel.add_lost_lines();
  lost.set_first_row(50), lost.set_rows(6);
  const auto path = scan(1, [](std::vector<uint16_t>& samples) {
    for (size_t i = 0; i < samples.size(); ++i) {
      const size_t row = i / columns, column = i % columns;
      if ((column >= 50 && column < 55) || (row >= 50 && row < 56)) samples[i] = 1024;
    }
  });
  const auto curves = calibrate(path);
  ASSERT_TRUE(curves);
  record.mutable_views(0)->mutable_channels(0)->Clear();
  record.mutable_views(0)->mutable_channels(0)->set_kind(v1::Channel::KIND_HIGH);
  expect_truth(curves->at(0).curve, 9);
}

TEST_F(Wedge, masks_that_lie_beyond_the_plane_do_no_harm) {
  auto& dead = *record.mutable_views(0)->mutable_channels(0)->add_dead_pixels();
  dead.set_first_row(-5), dead.set_rows(INT64_MAX), dead.set_first_column(-7), dead.set_columns(INT64_MAX);
  const auto path = scan(1);
  EXPECT_EQ(calibrate(path).error().id, "normalize.steel_no_samples");
}

TEST_F(Wedge, wrong_views_and_places_are_refused) {
  const auto path = scan(1);
  EXPECT_EQ(calibrate(path, places(), "top").error().id, "host.steel_no_view");
  for (const SteelPlace& bad :
       {SteelPlace{7, 230, 20, 0, 10}, SteelPlace{7, 0, 10, 115, 10}, SteelPlace{7, UINT64_MAX, 2, 0, 10},
        SteelPlace{7, 0, UINT64_MAX, UINT32_MAX, UINT32_MAX}}) {
    auto where = places();
    where.push_back(bad);
    EXPECT_EQ(calibrate(path, where).error().id, "host.steel_outside");
  }
}

TEST_F(Wedge, view_without_transmission_is_refused) {
  record.mutable_views(0)->clear_transmission_scale();
  EXPECT_EQ(calibrate(scan(1)).error().id, "host.steel_not_transmission");
}

TEST(SteelTable, is_read_with_comments_and_blank_lines) {
  const auto places = parse_steel_table(
      "# wedge 4\n\nsteel_mm,first_row,rows,first_column,columns\r\n20, 100,40,7,60 # a\n5.5,1,2,3,4\n");
  ASSERT_TRUE(places);
  ASSERT_EQ(places->size(), 2u);
  EXPECT_EQ(places->at(0).first_row, 100u);
  EXPECT_EQ(places->at(1).steel_mm, 5.5);
}

TEST(SteelTable, names_the_line_that_is_wrong) {
  const std::string head = "steel_mm,first_row,rows,first_column,columns\n";
  for (const char* line :
       {"20,1,2,3", "20,1,2,3,4,5", "x,1,2,3,4", "nan,1,2,3,4", "-1,1,2,3,4", "1e9,1,2,3,4", "20,-1,2,3,4",
        "20,1,0,3,4", "20,1,2,3,0", "20,1,2,3,99999999999", "20,1,2,3,4x", ",,,,"}) {
    const auto places = parse_steel_table(head + "5,1,2,3,4\n" + line);
    ASSERT_FALSE(places) << line;
    EXPECT_EQ(places.error().field("line"), "3") << line;
  }
  EXPECT_EQ(parse_steel_table("20,1,2,3,4\n").error().field("line"), "1");
}

TEST(SteelTable, empty_or_endless_is_refused) {
  EXPECT_EQ(parse_steel_table("").error().id, "host.steel_table_empty");
  EXPECT_EQ(parse_steel_table(std::string(1u << 20, '\n')).error().id, "host.steel_table");
  std::string many = "steel_mm,first_row,rows,first_column,columns\n";
  for (int i = 0; i < 65; ++i) many += "20,1,2,3,4\n";
  EXPECT_EQ(parse_steel_table(many).error().field("line"), "66");
}

}  // namespace
}  // namespace garita::host
