#include "core/normalize/material_curves.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace garita::normalize {
namespace {

using Kind = Told::Kind;

// Straight curves one above the other, from 0.2 to 4.
MaterialCurves::Points three(double organic = 1.4, double light = 1.3, double metal = 1.2) {
  MaterialCurves::Points points;
  for (const double a : {0.2, 1.0, 4.0}) {
    points[0].push_back({a, organic, 0.001});
    points[1].push_back({a, light, 0.001});
    points[2].push_back({a, metal, 0.001});
  }
  return points;
}

MaterialStep step(Material material, double attenuation, double ratio, double sigma = 1e-5) {
  return {material, 10, std::exp(-attenuation), sigma, std::exp(-attenuation * ratio), sigma};
}

TEST(MaterialCurves, tell_the_nearest_of_their_three) {
  const auto curves = MaterialCurves::from_points(three());
  ASSERT_TRUE(curves);
  EXPECT_EQ(curves->tell_attenuation(1, 1.41).kind, Kind::organic);
  EXPECT_EQ(curves->tell_attenuation(1, 1.36).kind, Kind::organic);
  EXPECT_EQ(curves->tell_attenuation(1, 1.34).kind, Kind::light);
  EXPECT_EQ(curves->tell_attenuation(1, 1.26).kind, Kind::light);
  EXPECT_EQ(curves->tell_attenuation(1, 1.24).kind, Kind::metal);
  EXPECT_EQ(curves->tell_attenuation(1, 0.5).kind, Kind::metal);
}

TEST(MaterialCurves, place_runs_from_organic_to_metal_in_either_order) {
  for (const auto& points : {three(1.4, 1.3, 1.2), three(1.2, 1.3, 1.4)}) {
    const auto curves = MaterialCurves::from_points(points);
    ASSERT_TRUE(curves);
    const double organic = points[0][0].ratio, metal = points[2][0].ratio;
    EXPECT_NEAR(curves->tell_attenuation(2, 2 * organic).place, 0, 1e-12);
    EXPECT_NEAR(curves->tell_attenuation(2, 2 * 1.3).place, 1, 1e-12);
    EXPECT_NEAR(curves->tell_attenuation(2, 2 * metal).place, 2, 1e-12);
  }
}

TEST(MaterialCurves, tell_nothing_outside_of_where_all_three_were_measured) {
  auto points = three();
  points[0].back().attenuation = 2.5;
  points[2].front().attenuation = 0.5;
  const auto curves = MaterialCurves::from_points(points);
  ASSERT_TRUE(curves);
  EXPECT_EQ(curves->tell_attenuation(0.49, 0.49 * 1.3).kind, Kind::untold);
  EXPECT_EQ(curves->tell_attenuation(0.51, 0.51 * 1.3).kind, Kind::light);
  EXPECT_EQ(curves->tell_attenuation(2.49, 2.49 * 1.3).kind, Kind::light);
  EXPECT_EQ(curves->tell_attenuation(2.51, 2.51 * 1.3).kind, Kind::untold);
  EXPECT_EQ(curves->tell_attenuation(20, 26).kind, Kind::opaque);
}

TEST(MaterialCurves, tell_nothing_where_two_of_them_cross) {
  auto points = three();
  points[1].back().ratio = 1.15;  // below metal from a = 3 on
  const auto curves = MaterialCurves::from_points(points);
  ASSERT_TRUE(curves);
  EXPECT_LT(curves->last_attenuation(), 3);
  EXPECT_GT(curves->last_attenuation(), 1);
  EXPECT_EQ(curves->tell_attenuation(3.5, 3.5 * 1.3).kind, Kind::untold);
}

TEST(MaterialCurves, that_stand_apart_nowhere_are_refused) {
  EXPECT_EQ(MaterialCurves::from_points(three(1.3, 1.3, 1.3)).error().id, "normalize.material_not_apart");
  EXPECT_EQ(MaterialCurves::from_points(three(1.4, 1.2, 1.3)).error().id, "normalize.material_not_apart");
  auto apart = three();
  for (RatioPoint& point : apart[0])
    point.attenuation += 10;  // measured elsewhere: impossible, and not common
  EXPECT_FALSE(MaterialCurves::from_points(apart));
}

TEST(MaterialCurves, that_cannot_be_are_refused) {
  const double nan = std::nan(""), infinite = std::numeric_limits<double>::infinity();
  for (const RatioPoint& bad : {RatioPoint{nan, 1.3, 0}, RatioPoint{infinite, 1.3, 0}, RatioPoint{-1, 1.3, 0},
                                RatioPoint{2, nan, 0}, RatioPoint{2, -1, 0}, RatioPoint{2, 1e9, 0},
                                RatioPoint{2, 1.3, nan}, RatioPoint{2, 1.3, -1}, RatioPoint{0.2, 1.3, 0}}) {
    auto points = three();
    points[1][1] = bad;
    EXPECT_EQ(MaterialCurves::from_points(points).error().id, "normalize.material_stored") << bad.attenuation;
  }
  auto few = three();
  few[2].resize(1);
  EXPECT_EQ(MaterialCurves::from_points(few).error().id, "normalize.material_stored");
  few[2].assign(max_ratio_points + 1, {1, 1.2, 0});
  EXPECT_EQ(MaterialCurves::from_points(few).error().id, "normalize.material_stored");
}

TEST(MaterialCurves, are_fitted_from_steps_in_any_order) {
  std::vector<MaterialStep> steps;
  for (const double a : {3.0, 0.3, 1.0})
    for (const auto& [material, ratio] :
         {std::pair{Material::metal, 1.2}, {Material::organic, 1.4}, {Material::light, 1.3}})
      steps.push_back(step(material, a, ratio));
  const auto curves = MaterialCurves::fit(steps);
  ASSERT_TRUE(curves);
  EXPECT_NEAR(curves->first_attenuation(), 0.3, 1e-9);
  EXPECT_NEAR(curves->last_attenuation(), 3, 1e-9);
  EXPECT_EQ(curves->tell(std::exp(-2), std::exp(-2 * 1.39)).kind, Kind::organic);
}

TEST(MaterialCurves, leave_out_steps_too_thin_or_too_dark_to_know_their_ratio) {
  std::vector<MaterialStep> steps;
  for (const Material material : {Material::organic, Material::light, Material::metal})
    for (const double a : {0.001, 0.3, 3.0, 11.0})
      steps.push_back(step(material, a, 1.4 - 0.1 * static_cast<double>(material), 1e-4));
  const auto curves = MaterialCurves::fit(steps);
  ASSERT_TRUE(curves);
  EXPECT_EQ(curves->points(Material::metal).size(), 2u);
}

TEST(MaterialCurves, name_the_material_that_was_not_measured_enough) {
  std::vector<MaterialStep> steps;
  for (const double a : {0.3, 3.0})
    steps.push_back(step(Material::organic, a, 1.4)), steps.push_back(step(Material::metal, a, 1.2));
  const auto missing = MaterialCurves::fit(steps);
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().id, "normalize.material_too_few");
  EXPECT_EQ(missing.error().field("material"), "light");
  steps[1].high = std::nan("");
  EXPECT_EQ(MaterialCurves::fit(steps).error().id, "normalize.material_step");
}

TEST(MaterialNames, come_back) {
  for (const Material material : {Material::organic, Material::light, Material::metal})
    EXPECT_EQ(material_of(name(material)), material);
  EXPECT_FALSE(material_of("wood"));
}

}  // namespace
}  // namespace garita::normalize
