// From the package of known materials to the curves that a later package carries.
#include "core/host/material_calibration.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <random>

#include "core/base/testing/temporary_folder.hpp"
#include "core/package/inspection.hpp"
#include "core/package/writer.hpp"

namespace garita::host {
namespace {

using normalize::Material;
using Kind = normalize::Told::Kind;

constexpr uint32_t columns = 80;
constexpr uint64_t rows_a_place = 30;
constexpr double attenuations[] = {0.3, 1, 2.5};

double ratio_of(Material material) { return 1.4 - 0.1 * static_cast<double>(material); }

class KnownMaterials : public ::testing::Test {
 protected:
  KnownMaterials() {
    record.mutable_device()->set_driver_id("org.garita.portal");
    record.mutable_device()->set_serial("SP-0017");
    v1::View& view = *record.add_views();
    view.set_name("side");
    view.set_transmission_offset(1024), view.set_transmission_scale(57344);
    view.add_channels()->set_kind(v1::Channel::KIND_HIGH);
    view.add_channels()->set_kind(v1::Channel::KIND_LOW);
  }

  // A place every 30 rows: organic, light, metal, each at three attenuations. json: of an attachment.
  std::filesystem::path scan(const std::string& json = "",
                             const std::string& media_type = std::string(materials_media_type)) {
    const auto path = folder.path() / (std::to_string(++scans) + ".garita");
    auto key = base::SigningKey::generate(base::SignatureAlgorithm::ed25519);
    auto writer = package::Writer::create(base::real_file_system(), path, *key);
    std::mt19937 engine(7);
    std::normal_distribution<double> noise(0, 0.001);
    for (const char* channel : {"high", "low"}) {
      std::vector<uint16_t> samples;
      for (const Material material : {Material::organic, Material::light, Material::metal})
        for (const double a : attenuations) {
          const double t = std::exp(-a * (*channel == 'h' ? 1 : ratio_of(material)));
          for (uint64_t i = 0; i < rows_a_place * columns; ++i)
            samples.push_back(static_cast<uint16_t>(std::lround(1024 + 57344 * (t + noise(engine)))));
        }
      const auto plane = writer->add_plane({.view = "side", .channel = channel, .columns = columns});
      EXPECT_TRUE(writer->append_rows(*plane, std::as_bytes(std::span(samples)), samples.size() / columns));
    }
    v1::Inspection said = record;
    if (!json.empty()) {
      const auto part = writer->add_attachment({.index = 0, .media_type = media_type, .name = "any.json"});
      EXPECT_TRUE(writer->append_attachment(*part, std::as_bytes(std::span(json))));
      said.add_attachments()->set_media_type(media_type);
    }
    EXPECT_TRUE(package::finish(*writer, said));
    return path;
  }

  static std::vector<MaterialPlace> places() {
    std::vector<MaterialPlace> out;
    for (uint64_t i = 0; i < 9; ++i)
      out.push_back({static_cast<Material>(i / 3), {10.0, i * rows_a_place + 3, rows_a_place - 6, 5, 70}});
    return out;
  }

  base::Result<StoredMaterials> calibrate(const std::vector<MaterialPlace>& where = places(),
                                          const std::string& view = "side") {
    auto package = open_package(scan());
    EXPECT_TRUE(package);
    return calibrate_materials(*package, view, where);
  }

  std::string kept_text() {
    EXPECT_TRUE(store().keep(record, *calibrate()));
    return *store().load(record);
  }
  MaterialStore store() { return MaterialStore(folder.path()); }

  base::testing::TemporaryFolder folder;
  v1::Inspection record;
  int scans = 0;
};

TEST_F(KnownMaterials, scanned_once_tell_the_materials_of_the_next_scan) {
  const auto stored = calibrate();
  ASSERT_TRUE(stored) << stored.error().id;
  for (const Material material : {Material::organic, Material::light, Material::metal}) {
    const auto told = stored->curves.tell(std::exp(-1.7), std::exp(-1.7 * ratio_of(material)));
    EXPECT_NEAR(told.place, static_cast<double>(material), 0.1);
  }
  EXPECT_EQ(stored->curves.tell(0.95, 0.94).kind, Kind::untold);
}

TEST_F(KnownMaterials, are_kept_for_their_device_alone) {
  EXPECT_FALSE(kept_text().empty());
  record.mutable_device()->set_serial("SP-0018");
  EXPECT_EQ(*store().load(record), "");
}

TEST_F(KnownMaterials, calibrated_again_replace_those_of_their_view) {
  auto stored = calibrate();
  ASSERT_TRUE(store().keep(record, *stored));
  stored->view = "top";
  ASSERT_TRUE(store().keep(record, *stored));
  ASSERT_TRUE(store().keep(record, *stored));
  EXPECT_EQ(parse_materials(*store().load(record))->size(), 2u);
}

TEST_F(KnownMaterials, are_what_a_package_carries_of_them) {
  auto package = open_package(scan(kept_text()));
  ASSERT_TRUE(package);
  const auto stored = materials_of(*package, package->record.views(0));
  ASSERT_TRUE(stored);
  EXPECT_EQ(stored->curves.last_attenuation(), calibrate()->curves.last_attenuation());
  v1::View other = package->record.views(0);
  other.set_device_index(1);
  EXPECT_FALSE(materials_of(*package, other));
  other.Clear(), other.set_name("top");
  EXPECT_FALSE(materials_of(*package, other));
}

TEST_F(KnownMaterials, are_not_taken_from_what_is_no_such_attachment) {
  for (const auto& [text, type] : {std::pair<std::string, std::string>{kept_text(), "application/json"},
                                   {"{}", std::string(materials_media_type)},
                                   {"not json", std::string(materials_media_type)}}) {
    auto package = open_package(scan(text, type));
    ASSERT_TRUE(package);
    EXPECT_FALSE(materials_of(*package, package->record.views(0))) << text.substr(0, 20);
  }
}

TEST_F(KnownMaterials, damaged_file_is_refused_and_mended_by_calibrating) {
  const std::string whole = kept_text();
  const auto path = std::filesystem::directory_iterator(folder.path() / "material")->path();
  std::string other_device = whole;
  other_device.replace(other_device.find("SP-0017"), 7, "SP-0018");
  for (const std::string& text : {std::string(), std::string("[]"), std::string("null"),
                                  whole.substr(0, whole.size() / 2), other_device}) {
    std::ofstream(path, std::ios::trunc) << text;
    EXPECT_EQ(store().load(record).error().id, "host.material_file") << text.substr(0, 20);
  }
  ASSERT_TRUE(store().keep(record, *calibrate()));
  EXPECT_TRUE(store().load(record));
}

TEST_F(KnownMaterials, wrong_views_and_places_are_refused) {
  EXPECT_EQ(calibrate(places(), "top").error().id, "host.steel_no_view");
  auto where = places();
  where[4].place.first_row = 1000;
  EXPECT_EQ(calibrate(where).error().id, "host.steel_outside");
  where = places();
  where.resize(7);
  EXPECT_EQ(calibrate(where).error().id, "normalize.material_too_few");
  where = places();
  for (MaterialPlace& place : where) place.place.first_row = 3;
  EXPECT_FALSE(calibrate(where));
}

TEST_F(KnownMaterials, of_one_energy_are_refused) {
  record.mutable_views(0)->mutable_channels(1)->set_kind(v1::Channel::KIND_SINGLE);
  EXPECT_EQ(calibrate().error().id, "host.material_one_energy");
}

TEST(MaterialTable, is_read_with_comments_and_blank_lines) {
  const auto places = parse_material_table(
      "# three\n\nmaterial,thickness_mm,first_row,rows,first_column,columns\r\norganic,80, 100,40,7,60 # "
      "a\nmetal,5.5,1,2,3,4\n");
  ASSERT_TRUE(places);
  ASSERT_EQ(places->size(), 2u);
  EXPECT_EQ(places->at(0).material, Material::organic);
  EXPECT_EQ(places->at(0).place.first_row, 100u);
  EXPECT_EQ(places->at(1).place.steel_mm, 5.5);
}

TEST(MaterialTable, names_the_line_that_is_wrong) {
  const std::string head = "material,thickness_mm,first_row,rows,first_column,columns\n";
  for (const char* line :
       {"wood,20,1,2,3,4", "organic", "organic,20,1,2,3", "organic,x,1,2,3,4", "20,1,2,3,4", ",20,1,2,3,4",
        "Organic,20,1,2,3,4", "organic,-1,1,2,3,4", "organic,20,1,0,3,4"}) {
    const auto places = parse_material_table(head + "metal,5,1,2,3,4\n" + line);
    ASSERT_FALSE(places) << line;
    EXPECT_EQ(places.error().id, "host.material_table");
    EXPECT_EQ(places.error().field("line"), "3") << line;
  }
  EXPECT_EQ(parse_material_table("").error().id, "host.steel_table_empty");
}

}  // namespace
}  // namespace garita::host
