// One test object for all: each family's simulator scans it, and what its package says is the same, whoever
// made the scanner; a driver that is wrong about the image in one of four ways is found out.
#include <gtest/gtest.h>

#include <algorithm>
#include <iostream>
#include <stdexcept>

#include "core/base/clock.hpp"
#include "core/base/text.hpp"
#include "tests/cli/program.hpp"
#include "tests/fleet/families.hpp"

namespace garita::fleet {
namespace {

namespace fs = std::filesystem;
constexpr const char* wedge_seed = "90210";
constexpr const char* object_seed = "77";  // no driver knows it
constexpr const char* variants[] = {"mirror", "swap", "shift", "gamma"};

class Fleet : public ::testing::TestWithParam<Family> {
 protected:
  // Scans one scene with the family's simulator. driver: a name, or a manifest's path.
  void scan(const std::string& scene, const char* seed, const std::string& driver, const std::string& out) {
    const Family& family = GetParam();
    const auto outcome = cli_test::run(
        folder,
        "bash -c 'export SCENE=" + scene + " SEED=" + seed + "; rm -f port; " + family.simulator +
            " >sim.txt 2>&1 & for i in $(seq 600); do [ -s port ] && break; sleep 0.05; done; garita scan "
            "--driver " +
            driver + " --source " + family.source + " --out " + out +
            " --state state --count 1; code=$?; kill %1 2>/dev/null; wait; exit $code'");
    ASSERT_EQ(outcome.exit_code, 0) << outcome.err << *base::read_text_file(folder / "sim.txt", 1u << 20);
  }

  host::OpenPackage open(const std::string& out) {
    for (const auto& entry : fs::directory_iterator(folder.path() / out))
      if (auto package = host::open_package(entry.path())) return std::move(*package);
    throw std::runtime_error("there is no package in " + out);
  }

  static Sight sight_of(const host::OpenPackage& package, const SeenView& seen) {
    Sight sight = seen.sight;
    for (const v1::View& view : package.record.views())
      if (view.name() == seen.view && sight.geometry.pitch_along_m == 0)
        sight.geometry.pitch_along_m = view.geometry().pitch_along_um() * 1e-6;
    return sight;
  }

  // The curve of a view, from the device's own wedge, by the driver as it should be.
  normalize::SteelCurve curve_of(const SeenView& seen) {
    if (!fs::exists(folder.path() / "wedge")) scan("wedge", wedge_seed, GetParam().driver, "wedge");
    host::OpenPackage wedge = open("wedge");
    auto curves = host::calibrate_steel(wedge, seen.view, wedge_places(sight_of(wedge, seen)));
    if (!curves) throw std::runtime_error(base::render(curves.error(), base::Language::en));
    for (const host::StoredCurve& curve : *curves)
      if (curve.channel == seen.channel) return curve.curve;
    throw std::runtime_error("no curve of channel " + seen.channel);
  }

  ObjectReport report_of(const std::string& out, const SeenView& seen) {
    host::OpenPackage package = open(out);
    auto plane = read_plane(package, seen.view, seen.channel);
    if (!plane) throw std::runtime_error(base::render(plane.error(), base::Language::en));
    return object_report(*plane, curve_of(seen), sight_of(package, seen));
  }

  // What the variant is wrong about is what is found: not anything.
  bool is_found_out(const std::string& variant, const std::string& out) {
    const auto& views = GetParam().views;
    return std::any_of(views.begin(), views.end(), [&](const SeenView& seen) {
      const ObjectReport report = report_of(out, seen);
      if (variant == "mirror") return !report.marker_right && !report.geometry_right();
      return variant == "shift" ? !report.geometry_right() : !report.steps_right();
    });
  }

  base::testing::TemporaryFolder folder;
};

TEST_P(Fleet, the_common_object_comes_out_as_it_is) {
  ASSERT_NO_FATAL_FAILURE(scan("object", object_seed, GetParam().driver, "object"));
  for (const SeenView& seen : GetParam().views) {
    const ObjectReport report = report_of("object", seen);
    std::cout << GetParam().name << " " << seen.view << "\n" << table(report);
    EXPECT_TRUE(report.steps_right() && report.range_mm >= seen.least_range_mm) << table(report);
    EXPECT_TRUE(report.geometry_right()) << table(report);
    EXPECT_TRUE(report.marker_right && report.polyethylene_seen && report.aluminium_seen) << table(report);
  }
}

TEST_P(Fleet, its_record_has_millimetres_and_universal_time) {
  const int64_t before_ns = base::system_clock().utc_ns();
  ASSERT_NO_FATAL_FAILURE(scan("object", object_seed, GetParam().driver, "object"));
  const host::OpenPackage package = open("object");
  for (const SeenView& seen : GetParam().views)
    for (const v1::View& view : package.record.views()) {
      if (view.name() != seen.view) continue;
      EXPECT_NEAR(view.geometry().pitch_across_um(), seen.sight.geometry.pitch_across_m * 1e6, 1);
      const double along_m = sight_of(package, seen).geometry.pitch_along_m;
      EXPECT_NEAR(view.geometry().pitch_along_um(), along_m * 1e6, 1);
    }
  constexpr int64_t minute_ns = 60'000'000'000;  // the passage itself, and a slow machine
  EXPECT_GT(package.record.time().started().utc_ns(), before_ns - minute_ns);
  EXPECT_LT(package.record.time().started().utc_ns(), base::system_clock().utc_ns() + minute_ns);
}

TEST_P(Fleet, a_driver_that_mirrors_swaps_shifts_or_bends_is_found_out) {
  for (const std::string variant : variants) {
    if (variant == "swap" && !GetParam().has_two_energies) continue;
    const std::string name = GetParam().driver + "_" + variant;
    ASSERT_NO_FATAL_FAILURE(
        scan("object", object_seed, GARITA_FLEET_DRIVERS "/" + name + "/" + name + ".garita.json", variant));
    EXPECT_TRUE(is_found_out(variant, variant)) << GetParam().name << " " << variant;
  }
}

INSTANTIATE_TEST_SUITE_P(Families, Fleet, ::testing::ValuesIn(families()),
                         [](const auto& family) { return family.param.name; });

}  // namespace
}  // namespace garita::fleet
