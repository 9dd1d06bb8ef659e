// A device that has scanned known materials once: its next packages carry the curves, and its pictures tell
// materials.
#include <algorithm>
#include <cmath>
#include <fstream>

#include "core/host/material_store.hpp"
#include "core/host/open_package.hpp"
#include "core/normalize/canonical.hpp"
#include "tests/cli/program.hpp"
#include "tools/garita-sim/scenes.hpp"

namespace garita::cli_test {
namespace {

using Kind = normalize::Told::Kind;
using Feature = sim::test_object::Feature;

struct Box {
  uint64_t first_row, rows;
  uint32_t first_column, columns;
};

class MaterialChain : public Cli {
 protected:
  // The serial number comes of the seed: the same seed is the same device.
  void scan_scene(const std::string& scene, const std::string& seed = "5") {
    std::filesystem::remove_all(folder / "out");
    std::filesystem::remove(folder / "port");
    const Outcome outcome = scan("--scene " + scene + " --seed " + seed);
    ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  }

  // Two pixels inside of a feature's borders.
  static Box box_of(const Feature& feature) {
    const sim::Geometry geometry;
    const sim::Place middle = sim::place_of(feature, {}, geometry);
    const double along = feature.along1_mm - feature.along0_mm,
                 across = feature.across1_mm - feature.across0_mm;
    const auto first = [](double from_mm, double pitch_m) { return std::ceil(from_mm / 1000 / pitch_m + 2); };
    const auto count = [](double size_mm, double pitch_m) {
      return std::floor(size_mm / 1000 / pitch_m - 5);
    };
    return {static_cast<uint64_t>(first(middle.along_mm - along / 2, geometry.pitch_along_m)),
            static_cast<uint64_t>(count(along, geometry.pitch_along_m)),
            static_cast<uint32_t>(first(middle.across_mm - across / 2, geometry.pitch_across_m)),
            static_cast<uint32_t>(count(across, geometry.pitch_across_m))};
  }

  void write_table() {
    std::ofstream table(folder / "places.csv");
    table << "material,thickness_mm,first_row,rows,first_column,columns\n";
    for (const Feature& step : sim::material_wedge::features()) {
      const Box box = box_of(step);
      table << normalize::name(static_cast<normalize::Material>(step.material)) << ',' << step.thickness_mm
            << ',' << box.first_row << ',' << box.rows << ',' << box.first_column << ',' << box.columns
            << '\n';
    }
  }

  static double mean(host::OpenPackage& package, const char* channel, const Box& box) {
    const auto& plane = package.reader.planes()[*package.reader.find_plane("side", channel)];
    std::vector<uint16_t> row(plane.spec.columns);
    double sum = 0;
    for (uint64_t at = box.first_row; at < box.first_row + box.rows; ++at) {
      EXPECT_TRUE(package.reader.read_rows(plane, at, 1, std::as_writable_bytes(std::span(row))));
      for (uint32_t i = 0; i < box.columns; ++i) sum += normalize::transmission_of(row[box.first_column + i]);
    }
    return sum / static_cast<double>(box.rows * box.columns);
  }
};

TEST_F(MaterialChain, the_next_scan_of_a_calibrated_device_tells_the_test_objects_materials) {
  ASSERT_NO_FATAL_FAILURE(scan_scene("materials"));
  EXPECT_EQ(run("garita view " + package() + " --material --out x.png").exit_code, 1);
  write_table();
  const Outcome calibrated =
      run("garita calibrate material " + package() + " --view side --steps places.csv --state state");
  ASSERT_EQ(calibrated.exit_code, 0) << calibrated.err;
  std::cout << calibrated.out;

  ASSERT_NO_FATAL_FAILURE(scan_scene("object"));
  auto opened = host::open_package(package());
  ASSERT_TRUE(opened);
  const auto stored = host::materials_of(*opened, opened->record.views(0));
  ASSERT_TRUE(stored);
  // Steel of 20 to 120 mm is told. The blocks weaken the beam by a third to a half: there the curves lie
  // closer together than the noise of so few pixels, and what can be asked is that they are never taken for
  // the material at the other end.
  for (const Feature& feature : sim::test_object::features(sim::Aspect::side)) {
    const bool is_step = feature.kind == Feature::Kind::step;
    if (is_step ? feature.thickness_mm < 20 || feature.thickness_mm > 120
                : feature.kind != Feature::Kind::block)
      continue;
    const Box box = box_of(feature);
    const auto told = stored->curves.tell(mean(*opened, "high", box), mean(*opened, "low", box));
    if (is_step)
      EXPECT_EQ(told.kind, Kind::metal) << feature.name << " lies at " << told.place;
    else
      EXPECT_NE(told.kind, feature.material == sim::Material::organic ? Kind::metal : Kind::organic)
          << feature.name << " lies at " << told.place;
  }
  EXPECT_EQ(run("garita view " + package() + " --material --out x.png").exit_code, 0);
  EXPECT_EQ(run("garita verify " + package()).exit_code, 0);
  EXPECT_NE(run("garita show " + package() + " --json").out.find("material-curves.json"), std::string::npos);
}

TEST_F(MaterialChain, a_table_that_is_wrong_is_named_by_its_line) {
  ASSERT_TRUE(base::write_file(folder / "places.csv", base::Bytes("material,thickness_mm\n")));
  const Outcome outcome =
      run("garita calibrate material x.garita --view side --steps places.csv --state state");
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_NE(outcome.err.find("Line 1"), std::string::npos) << outcome.err;
}

}  // namespace
}  // namespace garita::cli_test
