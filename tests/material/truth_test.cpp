// The ratio method against simulated truth: the beam of each family with two energies, calibrated with three
// wedges of known materials and then shown the common test object, with the noise of a finite number of
// quanta.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
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

constexpr std::array materials = {sim::Material::organic, sim::Material::aluminium, sim::Material::steel};
Kind kind_of(sim::Material material) {
  constexpr Kind kinds[] = {Kind::organic, Kind::light, Kind::metal};
  return kinds[static_cast<size_t>(material)];  // the first three are in the same order
}
// Half way between two curves, each measured with ten times a ray's pixels, has 1/20 of the ray's variance.
constexpr double calibration_share = 1.0247;

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

  // What the beam leaves behind rays of densities in g/cm², and how far a mean over so many pixels may lie
  // from it.
  std::vector<Seen> truths(const std::vector<sim::Densities>& rays, double pixels) {
    std::array<std::vector<float>, sim::ray_materials> lines;
    for (const sim::Densities& ray : rays)
      for (size_t m = 0; m < lines.size(); ++m) lines[m].push_back(ray[m]);
    std::vector<float> high(rays.size()), low(rays.size());
    transmit({lines[0], lines[1], lines[2], lines[3]}, high, low);
    const auto sigma = [&](double t) { return std::sqrt((t / GetParam().quanta + 1e-9) / pixels); };
    std::vector<Seen> all;
    for (size_t i = 0; i < rays.size(); ++i) all.push_back({high[i], sigma(high[i]), low[i], sigma(low[i])});
    return all;
  }
  // Such a mean, as it comes out once.
  Seen noisy(Seen seen) {
    seen.high += seen.high_sigma * random.normal();
    seen.low += seen.low_sigma * random.normal();
    return seen;
  }
  Seen see(const sim::Densities& ray, double pixels = 400) { return noisy(truths({ray}, pixels)[0]); }
  static sim::Densities ray_of(sim::Material material, double mm) {
    sim::Densities ray{};
    ray[static_cast<size_t>(material)] = static_cast<float>(mm / 10 * density_of(material));
    return ray;
  }

  MaterialCurves calibrated() {
    std::vector<normalize::MaterialStep> steps;
    for (const auto& step : sim::material_wedge::features()) {
      const auto material = static_cast<Material>(step.material);  // the first three are in the same order
      const Seen seen = see(ray_of(step.material, step.thickness_mm), 4000);
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

  // A material's own ratio, without noise, from 0.2 mm to 3 m.
  struct Truth {
    double mm;
    Seen seen;
    double attenuation, ratio, ratio_sigma;
  };
  std::vector<Truth> truths(sim::Material material) {
    std::vector<double> thicknesses;
    std::vector<sim::Densities> rays;
    for (double mm = 0.2; mm < 3000; mm *= 1.02)
      thicknesses.push_back(mm), rays.push_back(ray_of(material, mm));
    std::vector<Truth> all;
    const std::vector<Seen> seen_all = truths(rays, 400);
    for (size_t i = 0; i < rays.size(); ++i) {
      const Seen& seen = seen_all[i];
      const double a = -std::log(seen.high), b = -std::log(seen.low);
      const double sigma =
          std::hypot(seen.low_sigma / (seen.low * a), seen.high_sigma * b / (seen.high * a * a));
      if (a > 0 && seen.low > 0) all.push_back({thicknesses[i], seen, a, b / a, sigma});
    }
    return all;
  }

  struct Likely {
    bool is_sure = true;
    double right = 1;  // probability
  };
  Likely likely_of(const MaterialCurves& curves, const Truth& own, std::span<const double> neighbours) {
    const double darkest = std::max(std::exp(-curves.last_attenuation()), normalize::opaque_transmission);
    std::vector<double> margins = {
        (std::exp(-curves.first_attenuation()) - own.seen.high) / own.seen.high_sigma,
        (own.seen.high - darkest) / own.seen.high_sigma};
    for (const double ratio : neighbours)
      margins.push_back(std::fabs(ratio - own.ratio) / 2 / (own.ratio_sigma * calibration_share));
    Likely likely;
    for (const double margin : margins) {
      likely.is_sure = likely.is_sure && margin >= 4;
      likely.right *= std::erfc(-margin / std::sqrt(2)) / 2;
    }
    return likely;
  }
  // The ratio where as much of the high energy is lost.
  static double ratio_at(const std::vector<Truth>& truths, double attenuation) {
    const auto behind = std::partition_point(truths.begin() + 1, truths.end() - 1, [&](const Truth& each) {
      return each.attenuation < attenuation;
    });
    const Truth &b = *behind, &a = *(behind - 1);
    return a.ratio + (b.ratio - a.ratio) * (attenuation - a.attenuation) / (b.attenuation - a.attenuation);
  }

  Told told(const MaterialCurves& curves, const sim::Densities& ray) {
    const Seen seen = see(ray);
    return curves.tell(seen.high, seen.low);
  }
  Told told(const MaterialCurves& curves, sim::Material material, double mm) {
    return told(curves, ray_of(material, mm));
  }

  sim::Random random{20260301};

 private:
  void transmit(const std::array<std::span<const float>, sim::ray_materials>& rays, std::span<float> high,
                std::span<float> low) {
    if (GetParam().is_tube)
      sim::Tube(static_cast<uint32_t>(std::lround(GetParam().high_mev * 1000))).transmit(rays, high, low);
    else
      sim::DualBeam(GetParam().high_mev, GetParam().low_mev).transmit(rays, high, low);
  }
};

TEST_P(RatioMethod, tells_the_three_materials_of_the_test_object) {
  const MaterialCurves curves = calibrated();
  EXPECT_EQ(told(curves, sim::Material::organic, 80).kind, Kind::organic);
  EXPECT_EQ(told(curves, sim::Material::aluminium, 60).kind, Kind::light);
  for (const auto& step : sim::test_object::features(sim::Aspect::side)) {
    if (step.kind != sim::test_object::Feature::Kind::step) continue;
    const Told seen = told(curves, sim::Material::steel, step.thickness_mm);
    if (step.thickness_mm >= GetParam().thinnest_steel_mm &&
        step.thickness_mm <= GetParam().thickest_steel_mm)
      EXPECT_EQ(seen.kind, Kind::metal) << step.thickness_mm;
    else
      EXPECT_NE(seen.kind, Kind::organic) << step.thickness_mm;
  }
}

// The normal law says what a method that decides by the nearest of the beam's own three ratios can do with a
// mean over 400 pixels: a ray that lies four standard deviations inside of the range and on its own side of
// half way to its neighbours is told as what it is. Of the others as many are as its distances make likely.
TEST_P(RatioMethod, tells_each_material_at_every_thickness_as_often_as_noise_allows) {
  const MaterialCurves curves = calibrated();
  int sure = 0, doubtful = 0, right = 0, wrong = 0;
  double expected = 0, variance = 0;
  const std::array all = {truths(materials[0]), truths(materials[1]), truths(materials[2])};
  for (size_t m = 0; m < all.size(); ++m)
    for (const Truth& truth : all[m]) {
      std::vector<double> neighbours;
      if (m > 0) neighbours.push_back(ratio_at(all[m - 1], truth.attenuation));
      if (m + 1 < all.size()) neighbours.push_back(ratio_at(all[m + 1], truth.attenuation));
      const Likely likely = likely_of(curves, truth, neighbours);
      const Seen seen = noisy(truth.seen);
      const Kind kind = curves.tell(seen.high, seen.low).kind;
      const bool is_right = kind == kind_of(materials[m]);
      if (likely.is_sure) {
        ++sure;
        EXPECT_TRUE(is_right) << sim::name(materials[m]) << " " << truth.mm << " mm";
        continue;
      }
      expected += likely.right;
      variance += likely.right * (1 - likely.right);
      doubtful += likely.right > 0.01;
      right += is_right;
      wrong += !is_right && kind != Kind::untold && kind != Kind::opaque;
    }
  std::printf("%s: %d sure, all right; %d doubtful, %.1f expected right, %d are, %d told as another\n",
              GetParam().name, sure, doubtful, expected, right, wrong);
  EXPECT_GT(sure, 400);
  EXPECT_NEAR(right, expected, 4 * std::sqrt(variance) + 1);
}

TEST_P(RatioMethod, what_is_thin_is_untold_and_what_lets_nothing_through_is_opaque) {
  const MaterialCurves curves = calibrated();
  EXPECT_EQ(curves.tell(1, 1).kind, Kind::untold);
  EXPECT_EQ(curves.tell(0.999, 0.998).kind, Kind::untold);
  EXPECT_EQ(told(curves, sim::Material::steel, 1000).kind, Kind::opaque);
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
  EXPECT_LT(seen.place, told(curves, sim::Material::steel, steel_mm).place + 0.3);
}

INSTANTIATE_TEST_SUITE_P(Beams, RatioMethod, ::testing::ValuesIn(beams), [](const auto& each) {
  std::string name = each.param.name;
  std::replace(name.begin(), name.end(), ' ', '_');
  return name;
});

}  // namespace
}  // namespace garita
