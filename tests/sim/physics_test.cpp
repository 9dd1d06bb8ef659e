// The physics behind the simulated images, held against direct computation and against what every textbook
// says.
#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "tools/garita-sim/physics/beam.hpp"
#include "tools/garita-sim/physics/detector.hpp"
#include "tools/garita-sim/physics/random.hpp"
#include "tools/garita-sim/physics/scene.hpp"
#include "tools/garita-sim/physics/xcom_table.hpp"

namespace garita::sim {
namespace {

struct Transmissions {
  float high, low;
};

// One ray through so much of each material, g/cm².
Transmissions through(const Densities& ray) {
  static DualBeam beam(6, 4);
  Transmissions t{};
  beam.transmit({std::span(&ray[0], 1), std::span(&ray[1], 1), std::span(&ray[2], 1), std::span(&ray[3], 1)},
                std::span(&t.high, 1), std::span(&t.low, 1));
  return t;
}

Densities only(Material material, double g_cm2) {
  Densities ray{};
  ray[static_cast<size_t>(material)] = static_cast<float>(g_cm2);
  return ray;
}

// The same integral by the trapezoidal rule with 5900 points.
double direct(const Densities& ray, double endpoint_mev) {
  double sum = 0, open = 0;
  for (double energy = lowest_energy_mev; energy < endpoint_mev; energy += 0.001) {
    double exponent = 0;
    for (size_t m = 0; m < ray_materials; ++m)
      exponent += mass_attenuation(static_cast<Material>(m), energy) * double{ray[m]};
    const double weight = signal_weight(energy, endpoint_mev);
    open += weight;
    sum += weight * std::exp(-exponent);
  }
  return sum / open;
}

constexpr Material materials[] = {Material::organic, Material::aluminium, Material::steel, Material::lead};

TEST(Xcom, tabulated_values_come_back_and_between_them_lies_what_lies_between) {
  EXPECT_NEAR(mass_attenuation(Element::iron, 1.0), 0.05995, 1e-6);
  EXPECT_NEAR(mass_attenuation(Element::hydrogen, 0.1), 0.2944, 2e-4);
  const double between = mass_attenuation(Element::lead, 2.5);
  EXPECT_GT(between, std::min(mass_attenuation(Element::lead, 2.044), mass_attenuation(Element::lead, 3.0)));
  EXPECT_LT(between, std::max(mass_attenuation(Element::lead, 2.044), mass_attenuation(Element::lead, 3.0)));
}

TEST(Beam, a_ray_through_nothing_is_one) {
  EXPECT_EQ(through({}).high, 1.0f);
  EXPECT_EQ(through({}).low, 1.0f);
}

TEST(Beam, quadrature_is_direct_integration_within_one_percent) {
  for (const Material material : materials)
    for (const double g_cm2 : {0.1, 2.0, 20.0, 80.0, 160.0, 240.0}) {
      const Densities ray = only(material, g_cm2);
      EXPECT_NEAR(through(ray).high / direct(ray, 6), 1, 0.01) << name(material) << " " << g_cm2;
      EXPECT_NEAR(through(ray).low / direct(ray, 4), 1, 0.01) << name(material) << " " << g_cm2;
    }
  const Densities mixed = {40, 10, 30, 5};
  EXPECT_NEAR(through(mixed).high / direct(mixed, 6), 1, 0.01);
}

TEST(Beam, more_material_lets_less_through) {
  for (const Material material : materials) {
    float last_high = 1, last_low = 1;
    for (double g_cm2 = 1; g_cm2 < 300; g_cm2 *= 1.3) {
      const Transmissions t = through(only(material, g_cm2));
      EXPECT_LT(t.high, last_high) << name(material) << " " << g_cm2;
      EXPECT_LT(t.low, last_low);
      last_high = t.high, last_low = t.low;
    }
  }
}

TEST(Beam, the_lower_energy_is_stopped_more) {
  for (const Material material : {Material::organic, Material::aluminium, Material::steel})
    for (const double g_cm2 : {5.0, 30.0, 100.0})
      EXPECT_LT(through(only(material, g_cm2)).low, through(only(material, g_cm2)).high);
}

// ln t_low / ln t_high at the same t_high: what material discrimination lives on. Higher Z makes pairs at
// high energy.
TEST(Beam, the_ratio_of_the_attenuations_falls_from_organic_through_aluminium_and_steel_to_lead) {
  for (const double attenuation : {0.7, 1.5, 3.0}) {
    double last = 10;
    for (const Material material : materials) {
      // A thin sheet of lead takes the softest photons first (photoelectric), which both beams have: no order
      // there.
      if (material == Material::lead && attenuation < 1) continue;
      double low = 0, high = 500;  // g/cm² by bisection
      for (int step = 0; step < 60; ++step) {
        const double middle = (low + high) / 2;
        (-std::log(through(only(material, middle)).high) < attenuation ? low : high) = middle;
      }
      const double ratio = -std::log(through(only(material, low)).low) / attenuation;
      EXPECT_LT(ratio, last) << name(material) << " at " << attenuation;
      last = ratio;
    }
  }
}

TEST(Beam, half_a_metre_of_steel_is_all_but_opaque_and_a_millimetre_is_all_but_open) {
  EXPECT_LT(through(only(Material::steel, 50 * 7.87)).high, 1e-4f);
  EXPECT_GT(through(only(Material::steel, 0.1 * 7.87)).high, 0.94f);
}

struct Moments {
  double mean, variance;
};

template <typename Draw>
Moments moments(Draw draw) {
  constexpr int count = 200000;
  double sum = 0, squares = 0;
  for (int i = 0; i < count; ++i) {
    const double value = draw();
    sum += value;
    squares += value * value;
  }
  return {sum / count, squares / count - sum * sum / count / count};
}

TEST(RandomNumbers, poisson_has_its_mean_as_variance) {
  Random random(7);
  for (const double mean : {0.3, 4.0, 49.0, 51.0, 5000.0}) {
    const Moments m = moments([&] { return random.poisson(mean); });
    EXPECT_NEAR(m.mean / mean, 1, 0.02) << mean;
    EXPECT_NEAR(m.variance / mean, 1, 0.03) << mean;
  }
}

TEST(RandomNumbers, normal_has_mean_zero_and_variance_one) {
  Random random(7);
  const Moments m = moments([&] { return random.normal(); });
  EXPECT_NEAR(m.mean, 0, 0.01);
  EXPECT_NEAR(m.variance, 1, 0.02);
}

TEST(RandomNumbers, a_seed_repeats_and_streams_and_seeds_differ) {
  Random first(7, 3), again(7, 3), other_stream(7, 4), other_seed(8, 3);
  const uint64_t bits = first.bits();
  EXPECT_EQ(again.bits(), bits);
  EXPECT_NE(other_stream.bits(), bits);
  EXPECT_NE(other_seed.bits(), bits);
}

TEST(Detectors, noise_of_the_open_beam_is_shot_noise_and_electronics) {
  Detectors detectors{{500 * 256}, {50500 * 256}, {5000}, 3};
  Random random(1);
  const float open = 1;
  const Moments m = moments([&] {
    uint16_t raw = 0;
    expose(detectors, std::span(&open, 1), 1, random, std::span(&raw, 1));
    return static_cast<double>(raw);
  });
  EXPECT_NEAR(m.mean, 50500, 20);
  EXPECT_NEAR(m.variance, 50000.0 * 50000 / 5000 + 9, 0.03 * 500000);
}

TEST(Detectors, a_dead_one_stays_at_its_dark_level) {
  Random random(3);
  const Array array = draw_array(random, 640);
  ASSERT_GE(array.dead.size(), 2u);
  std::vector<float> open(640, 1);
  std::vector<uint16_t> raw(640);
  expose(array.energies[0], open, 1, random, raw);
  for (const uint32_t column : array.dead)
    EXPECT_NEAR(raw[column], array.energies[0].dark_q8[column] / 256.0, 20);
}

TEST(Detectors, nothing_of_a_factory_new_array_is_clipped_in_the_open_beam) {
  Random random(11);
  const Array array = draw_array(random, 640);
  std::vector<float> open(640, 1);
  std::vector<uint16_t> raw(640);
  for (int line = 0; line < 200; ++line)
    for (const Detectors& detectors : array.energies)
      EXPECT_EQ(expose(detectors, open, 1.06f, random, raw), 0u);
}

TEST(Detectors, averaging_brings_the_calibration_near_the_truth) {
  Random random(5);
  const Array array = draw_array(random, 640);
  const Measured measured = measure(array.energies[0], random, 1024);
  for (size_t i = 0; i < 640; ++i) {
    EXPECT_NEAR(measured.dark_q8[i] / 256.0, array.energies[0].dark_q8[i] / 256.0, 1);
    EXPECT_NEAR(measured.air_q8[i] / 256.0, array.energies[0].air_q8[i] / 256.0, 150);
  }
}

std::vector<float> line_of(const Scene& scene, double x, Material material) {
  std::array<std::vector<float>, ray_materials> lines;
  for (auto& line : lines) line.resize(scene.geometry().columns);
  scene.densities(x, {lines[0], lines[1], lines[2], lines[3]});
  return lines[static_cast<size_t>(material)];
}

TEST(Scene, a_box_is_its_depth_times_density_along_the_oblique_ray_and_nothing_beside) {
  const Scene scene({}, {{"slab", Material::steel, Shape::box, 1, 2, 1, 2, 0.1, 7.87}});
  const auto inside = line_of(scene, 1.5, Material::steel), beside = line_of(scene, 2.5, Material::steel);
  for (uint32_t column = 0; column < scene.geometry().columns; ++column) {
    const double y = scene.geometry().height_m(column);
    const double expected = y >= 1 && y < 2 ? 78.7 * scene.geometry().obliquity(column) / 1 : 0;
    EXPECT_NEAR(inside[column], expected, 1e-3) << column;
    EXPECT_EQ(beside[column], 0);
  }
}

TEST(Scene, a_ball_holds_the_mass_of_a_ball) {
  Geometry geometry;
  geometry.source_distance_m = 1e9;  // parallel rays
  const Scene scene(geometry, {{"ball", Material::organic, Shape::ball, 1, 2, 1, 2, 1, 1}});
  double mass_g = 0;
  for (double x = 1.0025; x < 2; x += 0.005)
    for (const float density : line_of(scene, x, Material::organic)) mass_g += double{density} * 0.5 * 0.65;
  EXPECT_NEAR(mass_g / (std::numbers::pi / 6 * 1e6), 1, 0.01);
}

}  // namespace
}  // namespace garita::sim
