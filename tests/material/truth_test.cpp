// The ratio method against simulated truth: the beam of each family with two energies, calibrated with three
// wedges of known materials and then shown the common test object, with the noise of a finite number of
// quanta.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "core/normalize/material_curves.hpp"
#include "tools/garita-sim/astrophysics/tube.hpp"
#include "tools/garita-sim/physics/beam.hpp"
#include "tools/garita-sim/physics/random.hpp"
#include "tools/garita-sim/physics/test_object.hpp"

namespace garita {
namespace {

using normalize::Material;
using normalize::MaterialCurves;
using normalize::Told;
using Kind = Told::Kind;

constexpr double organic_g_cm3 = sim::test_object::polyethylene_g_cm3;
constexpr double light_g_cm3 = sim::test_object::aluminium_g_cm3, steel_g_cm3 = sim::test_object::steel_g_cm3;

struct Beam {
  const char* name;
  bool is_tube;
  double high_mev, low_mev;                     // of a tube: MV, and nothing
  double quanta;                                // of an open pixel
  double thinnest_steel_mm, thickest_steel_mm;  // of the object, that must be told
  friend void PrintTo(const Beam& beam, std::ostream* out) { *out << beam.name; }
};

const std::vector<Beam> beams = {{"portal", false, 6, 4, 6e4, 20, 80},
                                 {"nuctech", false, 7.5, 4, 6e4, 20, 80},
                                 {"rapiscan", false, 6.2, 4.1, 6e4, 20, 80},
                                 {"astrophysics cabinet", true, 0.16, 0, 4e4, 2, 5}};

class RatioMethod : public ::testing::TestWithParam<Beam> {
 protected:
  struct Seen {
    double high, high_sigma, low, low_sigma;
  };

  // The mean of so many pixels behind a ray's densities, g/cm².
  Seen see(const sim::Densities& ray, double pixels = 400) {
    float high = 0, low = 0;
    const std::array<std::span<const float>, sim::ray_materials> rays = {
        std::span(&ray[0], 1), std::span(&ray[1], 1), std::span(&ray[2], 1), std::span(&ray[3], 1)};
    transmit(rays, high, low);
    const auto noisy = [&](double t, double& sigma) {
      sigma = std::sqrt((t / GetParam().quanta + 1e-9) / pixels);
      return t + sigma * random.normal();
    };
    Seen seen{};
    seen.high = noisy(high, seen.high_sigma);
    seen.low = noisy(low, seen.low_sigma);
    return seen;
  }
  Seen see(sim::Material material, double mm, double g_cm3, double pixels = 400) {
    sim::Densities ray{};
    ray[static_cast<size_t>(material)] = static_cast<float>(mm / 10 * g_cm3);
    return see(ray, pixels);
  }

  MaterialCurves calibrated() {
    std::vector<normalize::MaterialStep> steps;
    for (const auto& step : sim::material_wedge::features()) {
      const auto material = static_cast<Material>(step.material);  // the first three are in the same order
      const Seen seen = see(step.material, step.thickness_mm, density_of(step.material), 4000);
      steps.push_back({material, step.thickness_mm, seen.high, seen.high_sigma, seen.low, seen.low_sigma});
    }
    auto curves = MaterialCurves::fit(steps);
    if (!curves) throw std::runtime_error(curves.error().id);
    return std::move(*curves);
  }

  static double density_of(sim::Material material) {
    return material == sim::Material::organic     ? organic_g_cm3
           : material == sim::Material::aluminium ? light_g_cm3
                                                  : steel_g_cm3;
  }

  Told told(const MaterialCurves& curves, const sim::Densities& ray) {
    const Seen seen = see(ray);
    return curves.tell(seen.high, seen.low);
  }
  Told told(const MaterialCurves& curves, sim::Material material, double mm, double g_cm3) {
    const Seen seen = see(material, mm, g_cm3);
    return curves.tell(seen.high, seen.low);
  }

  sim::Random random{20260301};

 private:
  void transmit(const std::array<std::span<const float>, sim::ray_materials>& rays, float& high, float& low) {
    if (GetParam().is_tube)
      sim::Tube(static_cast<uint32_t>(std::lround(GetParam().high_mev * 1000)))
          .transmit(rays, std::span(&high, 1), std::span(&low, 1));
    else
      sim::DualBeam(GetParam().high_mev, GetParam().low_mev)
          .transmit(rays, std::span(&high, 1), std::span(&low, 1));
  }
};

TEST_P(RatioMethod, tells_the_three_materials_of_the_test_object) {
  const MaterialCurves curves = calibrated();
  EXPECT_EQ(told(curves, sim::Material::organic, 80, organic_g_cm3).kind, Kind::organic);
  EXPECT_EQ(told(curves, sim::Material::aluminium, 60, light_g_cm3).kind, Kind::light);
  for (const auto& step : sim::test_object::features(sim::Aspect::side)) {
    if (step.kind != sim::test_object::Feature::Kind::step) continue;
    const Told seen = told(curves, sim::Material::steel, step.thickness_mm, steel_g_cm3);
    if (step.thickness_mm >= GetParam().thinnest_steel_mm &&
        step.thickness_mm <= GetParam().thickest_steel_mm)
      EXPECT_EQ(seen.kind, Kind::metal) << step.thickness_mm;
    else
      EXPECT_NE(seen.kind, Kind::organic) << step.thickness_mm;
  }
}

TEST_P(RatioMethod, tells_each_material_at_every_thickness_of_its_range_or_nothing) {
  const MaterialCurves curves = calibrated();
  const std::pair<sim::Material, Kind> materials[] = {{sim::Material::organic, Kind::organic},
                                                      {sim::Material::aluminium, Kind::light},
                                                      {sim::Material::steel, Kind::metal}};
  int right = 0, all = 0;
  for (const auto& [material, wanted] : materials)
    for (double mm = 0.2; mm < 3000; mm *= 1.1) {
      const double g_cm3 = density_of(material);
      const double high = see(material, mm, g_cm3).high;
      const bool in_range =
          high < std::exp(-curves.first_attenuation()) && high > std::exp(-curves.last_attenuation());
      const Kind kind = told(curves, material, mm, g_cm3).kind;
      EXPECT_TRUE(kind == wanted || kind == Kind::untold || kind == Kind::opaque)
          << sim::name(material) << " " << mm << " mm";
      all += in_range;
      right += kind == wanted;
    }
  EXPECT_GE(right, all * 17 / 20);  // at the borders of the range noise decides whether it is told
  EXPECT_GT(all, 30);
}

TEST_P(RatioMethod, what_is_thin_is_untold_and_what_lets_nothing_through_is_opaque) {
  const MaterialCurves curves = calibrated();
  EXPECT_EQ(curves.tell(1, 1).kind, Kind::untold);
  EXPECT_EQ(curves.tell(0.999, 0.998).kind, Kind::untold);
  EXPECT_EQ(told(curves, sim::Material::steel, 1000, steel_g_cm3).kind, Kind::opaque);
  EXPECT_EQ(curves.tell(-0.001, 0.5).kind, Kind::opaque);
  EXPECT_EQ(curves.tell(std::nan(""), 0.5).kind, Kind::untold);
}

// The limit that no calibration lifts: a ray has one ratio, whatever it went through.
TEST_P(RatioMethod, organic_behind_metal_is_told_between_them_or_as_metal) {
  const MaterialCurves curves = calibrated();
  sim::Densities both{};
  const double steel_mm = GetParam().thickest_steel_mm / 2, organic_mm = GetParam().is_tube ? 40 : 300;
  both[static_cast<size_t>(sim::Material::organic)] = static_cast<float>(organic_mm / 10 * organic_g_cm3);
  both[static_cast<size_t>(sim::Material::steel)] = static_cast<float>(steel_mm / 10 * steel_g_cm3);
  const Told seen = told(curves, both);
  EXPECT_NE(seen.kind, Kind::organic);
  EXPECT_LT(seen.place, told(curves, sim::Material::steel, steel_mm, steel_g_cm3).place + 0.3);
}

INSTANTIATE_TEST_SUITE_P(Beams, RatioMethod, ::testing::ValuesIn(beams), [](const auto& each) {
  std::string name = each.param.name;
  std::replace(name.begin(), name.end(), ' ', '_');
  return name;
});

}  // namespace
}  // namespace garita
