// `garita-conform quality` on packages of simulated scanners: the common test object, from device to figure.
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>

#include "conformance/quality/object.hpp"
#include "tests/cli/program.hpp"
#include "tools/garita-sim/physics/beam.hpp"
#include "tools/garita-sim/physics/test_object.hpp"

namespace garita::quality {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using sim::test_object::Feature;
const std::string objects = GARITA_SOURCE_DIR "/conformance/quality/objects/";

// -ln t at 4 MV over that at 6 MV, behind so much of one material: the simulators' physics, without image.
double ratio_of(sim::Material material, double g_cm2) {
  std::array<std::vector<float>, sim::ray_materials> amounts;
  std::array<std::span<const float>, sim::ray_materials> spans;
  for (size_t i = 0; i < amounts.size(); ++i) {
    amounts[i] = {i == static_cast<size_t>(material) ? static_cast<float>(g_cm2) : 0.0f};
    spans[i] = amounts[i];
  }
  float high = 0, low = 0;
  sim::DualBeam(6, 4).transmit(spans, {&high, 1}, {&low, 1});
  return std::log(static_cast<double>(low)) / std::log(static_cast<double>(high));
}

class Command : public ::testing::Test {
 protected:
  cli_test::Outcome run(const std::string& command) { return cli_test::run(folder, command); }

  // A scan of the object by a simulator; returns the package's path.
  std::string scan(const std::string& simulator, const std::string& driver, const std::string& more = "") {
    const auto outcome = run(
        "bash -c 'garita-sim " + simulator +
        " --listen 127.0.0.1:0 --port-file port --count 1 --scene object --seed 77 >sim.txt 2>&1 & "
        "for i in $(seq 600); do [ -s port ] && break; sleep 0.05; done; garita scan --driver " +
        driver + " --source scanner=tcp://127.0.0.1:$(cat port) --out out --state state --count 1 " + more +
        "; code=$?; "
        "kill %1 2>/dev/null; wait; exit $code'");
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    for (const auto& entry : fs::directory_iterator(folder / "out")) return entry.path();
    return "";
  }

  json figures(const std::string& package, const std::string& plane, const std::string& object) {
    const auto outcome = run("garita-conform quality " + package + " --plane " + plane + " --object " +
                             objects + object + " --out report --json");
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    if (outcome.exit_code != 0) return {};
    json own;
    report = json::parse(outcome.out);
    for (const json& figure : report["figures"]) own[figure["id"].get<std::string>()] = figure;
    return own;
  }

  static void expect_within(const json& figures, const std::string& id, double truth) {
    ASSERT_TRUE(figures.contains(id)) << id;
    EXPECT_NEAR(figures[id]["value"].get<double>(), truth, figures[id]["u"].get<double>()) << id;
  }

  base::testing::TemporaryFolder folder;
  json report;
};

TEST_F(Command, measures_the_object_as_a_portal_sees_it) {
  const json own = figures(scan("portal", "portal"), "side/high", "common_object.toml");
  expect_within(own, "pitch.x", 5);
  expect_within(own, "pitch.y", 6.5);
  expect_within(own, "aspect", 1 - 5 / 6.5);
  EXPECT_EQ(own["mirrored"]["value"], 0);
  EXPECT_GE(own["penetration"]["value"].get<double>(), 180);
  expect_within(own, "material.steel", ratio_of(sim::Material::steel, 2 * sim::test_object::steel_g_cm3));
  expect_within(own, "material.organic",
                ratio_of(sim::Material::organic, 8 * sim::test_object::polyethylene_g_cm3));
  EXPECT_GT(own["flatness"]["value"].get<double>(), 0.9);
  EXPECT_TRUE(fs::exists(folder / "report/regions.png"));
  EXPECT_TRUE(fs::exists(folder / "report/steps.svg"));
  // Sixteen pixels of plate are too few for an edge, and that is said.
  const auto missing = report["not_measured"].get<std::vector<std::string>>();
  EXPECT_TRUE(std::count(missing.begin(), missing.end(), "mtf20.x")) << report["not_measured"];
}

TEST_F(Command, measures_the_object_in_both_views_of_a_cabinet) {
  const std::string package = scan("astrophysics --model cabinet", "astrophysics");
  const json side = figures(package, "side/high", "common_object.toml");
  expect_within(side, "pitch.x", 0.8);
  expect_within(side, "pitch.y", 0.65);
  expect_within(side, "aspect", 0.8 / 0.65 - 1);
  // The simulated beam is narrow and its detectors have no width: sharper than its own pixels.
  EXPECT_TRUE(side["mtf20.x"]["at_least"].get<bool>());
  EXPECT_GT(side["discrimination"]["value"].get<double>(), 10);  // at 160 kV materials are far apart
  const json below = figures(package, "below/high", "common_object_below.toml");
  expect_within(below, "pitch.x", 0.8);
  expect_within(below, "pitch.y", 0.75);
  expect_within(below, "aspect", 0.8 / 0.75 - 1);
  EXPECT_EQ(below["mirrored"]["value"], 0);
}

TEST_F(Command, measures_a_plane_of_which_only_the_raw_data_are_kept) {
  std::ofstream(folder / "site.toml") << "schema = \"garita.site/1\"\n[site]\nname = \"Test\"\n"
                                      << "[policy]\nbox = \"B1\"\nkeep = \"raw\"\n";
  const json own = figures(scan("portal", "portal", "--policy site.toml"), "side/high", "common_object.toml");
  expect_within(own, "pitch.x", 5);
  expect_within(own, "pitch.y", 6.5);
}

TEST_F(Command, judges_by_a_profile_and_says_so_with_its_exit_code) {
  const std::string package = scan("portal", "portal");
  const auto profile = [&](const std::string& limits) {
    EXPECT_TRUE(base::write_file(folder / "p.toml", base::Bytes(limits)));
    return run("garita-conform quality " + package + " --object " + objects +
               "common_object.toml --profile p.toml");
  };
  const auto pass = profile("[[limit]]\nfigure = \"penetration\"\nmin = 50\n");
  EXPECT_EQ(pass.exit_code, 0) << pass.err;
  EXPECT_NE(pass.out.find("\nPASS\n"), std::string::npos) << pass.out;
  EXPECT_EQ(profile("[[limit]]\nfigure = \"flatness\"\nmax = 0.1\n").exit_code, 1);
  EXPECT_EQ(profile("[[limit]]\nfigure = \"wire\"\nmax = 1\n").exit_code, 4);
  EXPECT_EQ(profile("decision = \"guard_band\"\n[[limit]]\nfigure = \"pitch.x\"\nmin = 5\n").exit_code, 4);
}

TEST_F(Command, that_is_used_wrongly_says_what_to_mend) {
  EXPECT_EQ(run("garita-conform quality").exit_code, 2);
  EXPECT_EQ(run("garita-conform quality none.tif").exit_code, 2);
  EXPECT_EQ(run("garita-conform quality none.tif --object " + objects + "common_object.toml").exit_code, 3);
  EXPECT_EQ(
      run("garita-conform quality x.tif --object " + objects + "common_object.toml --anchor 1,2").exit_code,
      2);
  const auto help = run("garita-conform quality --help --lang es");
  EXPECT_EQ(help.exit_code, 0);
  EXPECT_NE(help.out.find("calidad de imagen"), std::string::npos);
}

// The places of common_object*.toml lie inside of what the simulators scan.
class CommonObject : public testing::TestWithParam<sim::Aspect> {
 protected:
  const sim::Aspect aspect = GetParam();
  const Object object = *read_object(
      objects + (aspect == sim::Aspect::side ? "common_object.toml" : "common_object_below.toml"));
  const std::vector<Feature> features = sim::test_object::features(aspect);

  static bool inside(const Rectangle& place, const Feature& feature) {
    return place.x0 > feature.along0_mm && place.x1 < feature.along1_mm && place.y0 > feature.across0_mm &&
           place.y1 < feature.across1_mm;
  }
  const Feature& feature(const std::string& name) const {
    for (const Feature& each : features)
      if (each.name == name) return each;
    throw std::runtime_error(name);
  }
};

TEST_P(CommonObject, has_its_steps_where_they_are) {
  std::vector<const Feature*> steps;
  for (const Feature& each : features)
    if (each.kind == Feature::Kind::step) steps.push_back(&each);
  ASSERT_EQ(object.steps.size(), steps.size());
  for (size_t i = 0; i < steps.size(); ++i) {
    EXPECT_NEAR(object.steps[i].thickness_mm, steps[i]->thickness_mm, 1e-6);
    EXPECT_TRUE(inside(object.steps[i].place, *steps[i])) << steps[i]->name;
  }
}

TEST_P(CommonObject, has_its_marker_plate_and_materials_where_they_are) {
  const char* names[] = {"marker A", "marker B", "marker C"};
  for (size_t i = 0; i < 3; ++i) {
    EXPECT_NEAR(object.marker->at(i).x0, feature(names[i]).along0_mm, 1e-6);
    EXPECT_NEAR(object.marker->at(i).y1, feature(names[i]).across1_mm, 1e-6);
  }
  const Feature& plate = feature("plate");
  EXPECT_TRUE(object.rectangle->x0 < plate.along0_mm && object.rectangle->x1 > plate.along1_mm);
  EXPECT_NEAR(object.rectangle_width_mm, sim::test_object::plate_side_mm, 1e-6);
  EXPECT_TRUE(inside(object.materials.at(0).place, feature("polyethylene")));
  EXPECT_TRUE(inside(object.materials.at(1).place, feature("aluminium")));
}

TEST_P(CommonObject, has_nothing_in_its_open_field) {
  for (const Rectangle& open : object.open)
    for (const Feature& each : features)
      EXPECT_TRUE(open.y0 >= each.across1_mm || open.x0 >= each.along1_mm) << each.name;
}

INSTANTIATE_TEST_SUITE_P(Aspects, CommonObject, testing::Values(sim::Aspect::side, sim::Aspect::below),
                         [](const auto& aspect) {
                           return aspect.param == sim::Aspect::side ? "side" : "below";
                         });

}  // namespace
}  // namespace garita::quality
