// The common test object and the scenes by name: what is told as the truth is what the rays cross.
#include <gtest/gtest.h>

#include <cmath>

#include "tools/garita-sim/scenes.hpp"

namespace garita::sim {
namespace {

using test_object::Feature;

// g/cm² of one material along the ray through the middle of a place.
struct Looked {
  std::array<std::vector<float>, ray_materials> line;
  double at(Material material, uint32_t column) const { return line[static_cast<size_t>(material)][column]; }
};

class Scenes : public ::testing::TestWithParam<Aspect> {
 protected:
  Scenes() : scene_(geometry(), scene_by_name("object", 1, placement()).value().solids) {}

  static Placement placement() { return {GetParam(), 0.1, 0.05}; }
  static Geometry geometry() {
    return {.columns = 900,
            .pitch_across_m = 0.0005,
            .pitch_along_m = 0.0005,
            .source_height_m = 0.2,
            .source_distance_m = 1000};  // as good as parallel
  }
  Looked look(double along_mm) const {
    Looked looked;
    for (auto& line : looked.line) line.resize(geometry().columns);
    scene_.densities(along_mm / 1000, {looked.line[0], looked.line[1], looked.line[2], looked.line[3]});
    return looked;
  }
  static uint32_t column_of(double across_mm) { return static_cast<uint32_t>(across_mm / 0.5); }

  Scene scene_;
};

double density(Material material) {
  return material == Material::steel       ? test_object::steel_g_cm3
         : material == Material::aluminium ? test_object::aluminium_g_cm3
                                           : test_object::polyethylene_g_cm3;
}

TEST_P(Scenes, a_ray_through_a_features_middle_crosses_it_and_nothing_else) {
  for (const Feature& feature : test_object::features(GetParam())) {
    const Place place = place_of(feature, placement(), geometry());
    const Looked looked = look(place.along_mm);
    for (const Material material :
         {Material::organic, Material::aluminium, Material::steel, Material::lead}) {
      const double expected =
          material == feature.material ? feature.thickness_mm / 10 * density(material) : 0;
      EXPECT_NEAR(looked.at(material, column_of(place.across_mm)), expected, 1e-3) << feature.name;
    }
  }
}

TEST_P(Scenes, the_plate_weighs_a_square_of_its_side) {
  double sum = 0;
  const auto features = test_object::features(GetParam());
  const Feature* plate = nullptr;
  for (const Feature& feature : features)
    if (feature.kind == Feature::Kind::plate) plate = &feature;
  ASSERT_NE(plate, nullptr);
  const Place place = place_of(*plate, placement(), geometry());
  for (double x = place.along_mm - 44.75; x < place.along_mm + 45; x += 0.5) {
    const Looked looked = look(x);
    for (double y = place.across_mm - 44.75; y < place.across_mm + 45; y += 0.5)
      sum += looked.at(Material::steel, column_of(y)) * 0.5 * 0.5;
  }
  EXPECT_NEAR(sum / (test_object::steel_g_cm3 * 1), test_object::plate_side_mm * test_object::plate_side_mm,
              60);
}

INSTANTIATE_TEST_SUITE_P(BothAspects, Scenes, ::testing::Values(Aspect::side, Aspect::below));

TEST(SceneNames, two_views_of_one_seed_see_the_same_bag) {
  const auto side = scene_by_name("bag", 7, {Aspect::side, 0, 0});
  const auto below = scene_by_name("bag", 7, {Aspect::below, 0, 0});
  ASSERT_EQ(side.value().solids.size(), below.value().solids.size());
  for (size_t i = 0; i < side.value().solids.size(); ++i) {
    EXPECT_EQ(side.value().solids[i].x0, below.value().solids[i].x0);
    EXPECT_EQ(side.value().solids[i].name, below.value().solids[i].name);
  }
}

TEST(SceneNames, another_seed_packs_another_bag) {
  EXPECT_NE(scene_by_name("bag", 7).value().solids.back().x0,
            scene_by_name("bag", 8).value().solids.back().x0);
}

TEST(SceneNames, an_unknown_name_is_refused_by_its_name) {
  const auto scene = scene_by_name("boat", 1);
  ASSERT_FALSE(scene);
  EXPECT_EQ(scene.error().id, "sim.unknown_scene");
  EXPECT_EQ(scene.error().field("name"), "boat");
}

}  // namespace
}  // namespace garita::sim
