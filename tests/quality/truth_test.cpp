// Every figure against analytic truth: within its own U in nine of ten images and more, and U not too large.
#include <gtest/gtest.h>

#include "conformance/quality/edge.hpp"
#include "conformance/quality/wire.hpp"
#include "tests/quality/truth.hpp"

namespace garita::quality {
namespace {

struct EdgeCase {
  double sigma, slope, noise;
};

class SlantedEdge : public testing::TestWithParam<EdgeCase> {};

TEST_P(SlantedEdge, mtf20_of_a_gaussian_lies_within_its_u) {
  const EdgeCase each = GetParam();
  const double truth = f20_of(each.sigma);
  double widest = 0;
  EXPECT_GE(coverage(60,
                     [&](std::mt19937_64& random) {
                       const auto own =
                           slanted_edge(gaussian_edge(each.sigma, each.slope, each.noise, random));
                       if (!own) return false;
                       widest = std::max(widest, own->u_f20 / truth);
                       return within({own->f20, own->u_f20}, truth);
                     }),
            0.9);
  EXPECT_LT(widest, 0.25);
}

INSTANTIATE_TEST_SUITE_P(Blurs, SlantedEdge,
                         testing::Values(EdgeCase{0.8, 0.1, 200}, EdgeCase{1.2, 0.1, 400},
                                         EdgeCase{2.0, -0.1, 200}, EdgeCase{1.2, 0.2, 100}));

TEST(SlantedEdgeOf, a_falling_edge_measures_as_the_rising_one) {
  std::mt19937_64 random(7);
  const auto falling = slanted_edge(gaussian_edge(1.2, 0.1, 50, random, 50000, 10000));
  ASSERT_TRUE(falling);
  EXPECT_NEAR(falling->f20, f20_of(1.2), 0.01);
  EXPECT_NEAR(falling->slope, 0.1, 0.002);
}

TEST(SlantedEdgeOf, an_upright_edge_or_none_is_refused) {
  std::mt19937_64 random(7);
  EXPECT_FALSE(slanted_edge(gaussian_edge(1.2, 0, 1, random)));
  EXPECT_FALSE(slanted_edge(Patch{80, 64, std::vector<double>(80 * 64, 5)}));
  EXPECT_FALSE(slanted_edge(white(8, 64, 100, 1, random)));
}

TEST(SlantedEdgeOf, a_wider_blur_is_told_from_a_narrower_one) {
  std::mt19937_64 random(7);
  const auto narrow = slanted_edge(gaussian_edge(1.0, 0.1, 100, random)),
             wide = slanted_edge(gaussian_edge(1.2, 0.1, 100, random));
  ASSERT_TRUE(narrow && wide);
  EXPECT_GT(narrow->f20 - narrow->u_f20, wide->f20 + wide->u_f20);
}

TEST(SlantedEdgeOf, a_step_sharper_than_a_pixel_is_only_known_to_be_at_least) {
  std::mt19937_64 random(7);
  const auto own = slanted_edge(gaussian_edge(0.05, 0.1, 10, random));
  ASSERT_TRUE(own);
  EXPECT_TRUE(own->at_least);
  EXPECT_EQ(own->f20, Transfer::highest_frequency);
}

TEST(SlantedEdgeOf, the_curve_itself_lies_within_its_u) {
  EXPECT_GE(coverage(40,
                     [](std::mt19937_64& random) {
                       const auto own = slanted_edge(gaussian_edge(1.2, 0.1, 300, random));
                       const double truth = std::exp(-2 * std::pow(3.14159265358979 * 1.2 * 0.15, 2));
                       return own && within({own->at(0.15), own->u_at(0.15)}, truth);
                     }),
            0.9);
}

std::vector<Boundary> boundaries(double low, double high, double noise, std::mt19937_64& random) {
  std::vector<Boundary> pairs;
  for (int i = 0; i < 4; ++i)
    pairs.push_back({white(8, 8, low, noise, random), white(8, 8, high, noise, random)});
  return pairs;
}

// Of the ratio of two means of n pixels each: (low/high) · sqrt(1/low² + 1/high²) · noise / sqrt(n).
double true_bsnr(double low, double high, double noise) {
  const double deviation = low / high * std::hypot(1 / low, 1 / high) * noise / 8;
  return (1 - low / high) / deviation;
}

TEST(Boundary, signal_to_noise_of_known_contrast_lies_within_its_u) {
  const double truth = true_bsnr(900, 1000, 100);
  EXPECT_GE(coverage(300,
                     [&](std::mt19937_64& random) {
                       const auto own = boundary_signal_to_noise(boundaries(900, 1000, 100, random));
                       return own && within(*own, truth);
                     }),
            0.9);
}

TEST(Boundary, without_signal_or_with_one_pair_is_not_measured) {
  std::mt19937_64 random(7);
  auto pairs = boundaries(900, 1000, 100, random);
  pairs.resize(1);
  EXPECT_FALSE(boundary_signal_to_noise(pairs));
  EXPECT_FALSE(
      boundary_signal_to_noise({{Patch{1, 1, {1}}, Patch{1, 1, {0}}}, {Patch{1, 1, {1}}, Patch{1, 1, {0}}}}));
}

// Steel by exp(−µ d), a boundary of 10 % at each step: the true last step by the true BSNR.
TEST(Penetration, of_a_known_wedge_lies_within_its_u) {
  constexpr double threshold = 1.97, noise = 40;
  double truth = 0;
  for (double d = 10; d <= 200; d += 10)
    if (const double high = 20000 * std::exp(-0.04 * d); true_bsnr(0.9 * high, high, noise) > threshold)
      truth = d;
  EXPECT_GT(truth, 50);
  EXPECT_LT(truth, 200);
  EXPECT_GE(coverage(100,
                     [&](std::mt19937_64& random) {
                       std::vector<Step> steps;
                       for (double d = 10; d <= 200; d += 10) {
                         const double high = 20000 * std::exp(-0.04 * d);
                         const auto own =
                             boundary_signal_to_noise(boundaries(0.9 * high, high, noise, random));
                         steps.push_back({d, own.value_or(Value{})});
                       }
                       return within(penetration(steps, threshold), truth);
                     }),
            0.9);
}

TEST(Penetration, asks_for_the_step_and_the_one_before) {
  const std::vector<Step> steps = {{3, {9, 0}}, {6, {9, 0}}, {9, {1, 0}}, {12, {9, 0}}};
  EXPECT_EQ(penetration(steps, 2).value, 6);
  EXPECT_EQ(penetration(steps, 10).value, 0);
  EXPECT_EQ(penetration({{3, {9, 0}}}, 2).value, 0);
}

TEST(DynamicRange, of_known_noise_lies_within_its_u) {
  EXPECT_GE(coverage(100,
                     [](std::mt19937_64& random) {
                       const auto own =
                           dynamic_range(white(64, 64, 50000, 300, random), white(24, 24, 900, 40, random));
                       return own && within(*own, 50000.0 / 40);
                     }),
            0.9);
}

// Brightness falls towards the border as the smaller of both: 100 a pixel from 200 on.
Border border(double distance_mm, std::mt19937_64& random) {
  Border own{distance_mm, {}};
  for (int side = 0; side < 2; ++side)
    own.strips.push_back(white(13, 100, 200 + 100 * (10 * distance_mm + 6), 20, random));
  return own;
}

TEST(Extent, of_a_known_falloff_lies_within_its_u) {
  // 1,800, 5,800 and 10,800 over 40 are 45, 145 and 270: the third is the first above 150.
  EXPECT_GE(
      coverage(60,
               [](std::mt19937_64& random) {
                 const std::vector<Border> all = {border(1, random), border(5, random), border(10, random)};
                 const auto own = extent(all, white(24, 24, 100, 40, random), 150);
                 return own && !own->at_least && within(*own, 10);
               }),
      0.9);
}

TEST(Extent, that_no_distance_reaches_is_at_least_the_greatest) {
  std::mt19937_64 random(7);
  const auto own = extent({border(1, random), border(5, random)}, white(24, 24, 100, 40, random), 250);
  ASSERT_TRUE(own);
  EXPECT_TRUE(own->at_least);
  EXPECT_EQ(own->value, 5);
}

TEST(Extent, of_strips_that_are_too_narrow_is_not_measured) {
  std::mt19937_64 random(7);
  EXPECT_FALSE(extent({{1, {white(12, 100, 5000, 10, random)}}}, white(24, 24, 100, 40, random), 150));
  EXPECT_FALSE(extent({{1, {Patch{}}}}, white(24, 24, 100, 40, random), 150));
}

TEST(Flatness, of_known_noise_lies_within_its_u) {
  EXPECT_GE(coverage(100,
                     [](std::mt19937_64& random) {
                       const auto own = flatness(white(64, 64, 1000, 50, random));
                       return own && within(*own, 0.95);
                     }),
            0.9);
}

TEST(NoisePower, of_white_noise_is_its_variance_times_the_pitch) {
  EXPECT_GE(coverage(60,
                     [](std::mt19937_64& random) {
                       const auto own = noise_power(white(64, 64, 1000, 50, random), 0.25, 0.4);
                       return own && within(*own, 50.0 * 50 * 0.4);
                     }),
            0.9);
}

TEST(NoiseEquivalentQuanta, of_known_parts_lie_within_their_u) {
  EXPECT_GE(coverage(60,
                     [](std::mt19937_64& random) {
                       const Patch open = white(64, 64, 1000, 50, random);
                       const auto nps = noise_power(open, 0.25, 0.4);
                       const auto own = noise_equivalent_quanta(open, {0.5, 0.01}, *nps);
                       return own && within(*own, 1000.0 * 1000 * 0.25 / 1000);
                     }),
            0.9);
}

TEST(Aspect, of_a_stretched_rectangle_lies_within_its_u) {
  EXPECT_GE(coverage(60,
                     [](std::mt19937_64& random) {
                       Patch patch = white(60, 60, 1000, 10, random);
                       for (size_t row = 10; row < 52; ++row)  // 42 high, 40 wide: a square stretched by 5 %
                         for (size_t column = 10; column < 50; ++column)
                           patch.values[row * 60 + column] -= 800;
                       const auto own = aspect(patch, {40, 40});
                       return own && within(*own, 0.05);
                     }),
            0.9);
}

TEST(AttenuationRatio, of_two_materials_lies_within_its_u_and_tells_them_apart) {
  EXPECT_GE(coverage(100,
                     [](std::mt19937_64& random) {
                       const Patch open = white(32, 32, 50000, 200, random);
                       const auto at = [&](double high, double low) {
                         return attenuation_ratio({white(16, 16, 50000 * std::exp(-high), 200, random),
                                                   white(16, 16, 50000 * std::exp(-low), 200, random), open,
                                                   white(32, 32, 50000, 200, random)});
                       };
                       const auto steel = at(1, 1.6), organic = at(1, 1.2);
                       return steel && organic && within(*steel, 1.6) && separation(*steel, *organic) > 2;
                     }),
            0.9);
}

// A wire of one pixel, upright, that takes `depth` from each row.
Patch wired(double depth, double noise, std::mt19937_64& random) {
  Patch patch = white(48, 60, 1000, noise, random);
  for (size_t row = 0; row < patch.rows; ++row) patch.values[row * patch.columns + 23] -= depth;
  return patch;
}

TEST(WireSignal, of_a_known_line_lies_within_its_u) {
  const double truth = 60 * std::sqrt(48.0) / 20;
  EXPECT_GE(coverage(60,
                     [&](std::mt19937_64& random) {
                       const auto own = wire_signal(wired(60, 20, random));
                       return own && within(*own, truth);
                     }),
            0.9);
}

TEST(WireSignal, of_a_level_or_a_slanted_wire_is_found_too) {
  std::mt19937_64 random(7);
  EXPECT_GT(wire_signal(wired(60, 20, random).turned())->value, 10);
  Patch slanted = white(48, 60, 1000, 20, random);
  for (size_t row = 0; row < 48; ++row) slanted.values[row * 60 + 20 + row / 8] -= 60;
  EXPECT_GT(wire_signal(slanted)->value, 8);
}

TEST(WireSignal, of_noise_alone_is_below_the_usual_threshold) {
  int seen = 0;
  for (uint64_t seed = 1; seed <= 100; ++seed) {
    std::mt19937_64 random(seed);
    seen += wire_signal(white(48, 60, 1000, 20, random))->value > usual_wire_signal;
  }
  EXPECT_LE(seen, 1);
}

TEST(Thinnest, is_the_last_of_those_that_are_seen_without_a_gap) {
  EXPECT_EQ(thinnest({{1, {20, 1}}, {0.5, {9, 1}}, {0.2, {2, 1}}, {0.1, {8, 1}}}, 5)->value, 0.5);
  const auto none = thinnest({{1, {2, 1}}, {0.5, {1, 1}}}, 5);
  EXPECT_TRUE(none->at_least);
  EXPECT_EQ(none->value, 1);
  EXPECT_FALSE(thinnest({}, 5));
}

// Wires that take as much as their diameter squared: the true thinnest by the true signal.
TEST(Thinnest, of_known_wires_lies_within_its_u) {
  const std::vector<double> diameters = {1.6, 1.4, 1.2, 1.0, 0.8, 0.6};
  double truth = 0;
  for (const double d : diameters)
    if (20 * d * d * std::sqrt(48.0) / 20 > usual_wire_signal) truth = d;
  EXPECT_EQ(truth, 1.0);
  EXPECT_GE(coverage(40,
                     [&](std::mt19937_64& random) {
                       std::vector<Wire> wires;
                       for (const double d : diameters)
                         wires.push_back({d, *wire_signal(wired(20 * d * d, 20, random))});
                       return within(*thinnest(wires, usual_wire_signal), truth);
                     }),
            0.9);
}

}  // namespace
}  // namespace garita::quality
