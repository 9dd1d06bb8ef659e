// The simulator's raw counts against the published statistics of a rail scanner's raw images.
#include <gtest/gtest.h>

#include <cmath>

#include "tools/garita-sim/rapiscan/gantry_source.hpp"

namespace garita::sim {
namespace {

struct Statistics {
  double level = 0, deviation = 0, zeros = 0, saturated = 0;
};

// Of the high energy: level and noise in the first metre, where there is air; shares of the whole scan.
Statistics statistics_of(uint64_t seed) {
  GantrySource source({.seed = seed});
  auto passage = source.passage(0);
  EXPECT_TRUE(passage.ok());
  std::vector<uint16_t> high(682), low(682);
  double sum = 0, squares = 0, open = 0, all = 0;
  Statistics found;
  for (uint32_t i = 0; i < passage->lines(); i += i < 120 ? 1 : 8) {
    (void)passage->line(i, high, low);
    for (const uint16_t count : high) {
      ++all;
      found.zeros += count == 0;
      found.saturated += count == 65535;
      if (i >= 120 || count < 50000 || count > 61000) continue;  // dead ones, and those of high gain
      ++open, sum += count, squares += static_cast<double>(count) * count;
    }
  }
  found.level = sum / open;
  found.deviation = std::sqrt(squares / open - found.level * found.level);
  found.zeros /= all;
  found.saturated /= all;
  return found;
}

TEST(GantrySource, counts_have_the_published_level_noise_zeros_and_saturation) {
  for (const uint64_t seed : {1u, 2u, 3u}) {
    const Statistics found = statistics_of(seed);
    EXPECT_GT(found.level, 55000) << seed;
    EXPECT_LT(found.level, 57000) << seed;
    EXPECT_GT(found.deviation, 800) << seed;
    EXPECT_LT(found.deviation, 1100) << seed;  // detectors differ beside the noise
    EXPECT_GT(found.zeros, 0.01) << seed;
    EXPECT_LT(found.zeros, 0.06) << seed;
    EXPECT_GT(found.saturated, 0.00001) << seed;
    EXPECT_LT(found.saturated, 0.001) << seed;
  }
}

TEST(GantrySource, the_same_number_is_the_same_scan) {
  std::vector<std::vector<uint16_t>> lines;
  for (int again = 0; again < 2; ++again) {
    GantrySource source({.seed = 4, .scene = "object", .columns = 64});
    auto passage = source.passage(3);
    ASSERT_TRUE(passage.ok());
    std::vector<uint16_t> high(64), low(64);
    for (uint32_t i = 0; i < 200; ++i) (void)passage->line(i, high, low);
    lines.push_back(high);
  }
  EXPECT_EQ(lines[0], lines[1]);
}

}  // namespace
}  // namespace garita::sim
