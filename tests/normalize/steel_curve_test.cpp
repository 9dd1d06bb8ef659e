#include "core/normalize/steel_curve.hpp"

#include <cmath>
#include <limits>

#include "tests/normalize/fixture.hpp"

namespace garita::normalize {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

// A beam of two lines: the soft one dies out first, so that -ln t bends as beams do.
double beam(double mm) { return 0.6 * std::exp(-0.05 * mm) + 0.4 * std::exp(-0.15 * mm); }

std::vector<SteelStep> wedge(std::initializer_list<double> steps_mm, double sigma = 1e-5) {
  std::vector<SteelStep> steps;
  for (const double mm : steps_mm) steps.push_back({mm, beam(mm), sigma});
  return steps;
}

SteelCurve curve_of(const std::vector<SteelStep>& steps) {
  auto curve = SteelCurve::fit(steps);
  EXPECT_TRUE(curve) << curve.error().id;
  return std::move(curve).value();
}

std::string id_of(const base::Result<SteelCurve>& result) { return result ? "" : result.error().id; }

TEST(Steel, each_step_reads_its_own_thickness) {
  const SteelCurve curve = curve_of(wedge({2, 5, 10, 20, 40, 80}));
  for (const double mm : {2.0, 5.0, 10.0, 20.0, 40.0, 80.0}) EXPECT_NEAR(*curve.steel_mm(beam(mm)), mm, 1e-9);
}

TEST(Steel, between_steps_the_curve_bends_with_the_beam) {
  const SteelCurve curve = curve_of(wedge({2, 5, 10, 20, 40, 80}));
  for (double mm = 0; mm < 80; mm += 0.7) EXPECT_NEAR(*curve.steel_mm(beam(mm)), mm, 0.4) << mm;
}

TEST(Steel, order_of_the_steps_does_not_matter) {
  const SteelCurve forth = curve_of(wedge({10, 20, 40})), back = curve_of(wedge({40, 20, 10}));
  EXPECT_TRUE(
      std::equal(forth.points().begin(), forth.points().end(), back.points().begin(), back.points().end()));
}

TEST(Steel, open_beam_and_more_is_no_steel) {
  const SteelCurve curve = curve_of(wedge({10, 20, 40}));
  EXPECT_EQ(curve.steel_mm(1), 0);
  EXPECT_EQ(curve.steel_mm(1.1), 0);
  EXPECT_EQ(curve.steel_mm(std::numeric_limits<double>::infinity()), 0);
}

TEST(Steel, a_step_of_no_steel_is_the_open_beam) {
  std::vector<SteelStep> steps = wedge({10, 20, 40});
  steps.push_back({0, 0.98, 1e-5});
  EXPECT_EQ(curve_of(steps).steel_mm(0.98), 0);
  EXPECT_GT(*curve_of(wedge({10, 20, 40})).steel_mm(0.98), 0);
}

TEST(Steel, beyond_the_wedge_it_is_opaque) {
  const SteelCurve curve = curve_of(wedge({10, 20, 40}));
  EXPECT_EQ(curve.steel_mm(beam(45)), std::nullopt);
  EXPECT_EQ(curve.steel_mm(0), std::nullopt);
  EXPECT_EQ(curve.steel_mm(-0.01), std::nullopt);
}

TEST(Steel, what_is_no_number_is_no_thickness) {
  EXPECT_EQ(curve_of(wedge({10, 20, 40})).steel_mm(nan), std::nullopt);
  EXPECT_EQ(curve_of(wedge({10, 20, 40})).sigma_mm(0.5, nan), std::nullopt);
}

TEST(Steel, steps_that_drown_in_noise_end_the_range) {
  // 160 and 240 mm lie under the noise of the mean: whatever they measured by chance, they are opaque.
  std::vector<SteelStep> steps = wedge({10, 20, 40, 80}, 1e-4);
  steps.push_back({160, 3e-4, 1e-4});
  steps.push_back({240, 4e-4, 1e-4});
  const SteelCurve curve = curve_of(steps);
  EXPECT_GE(curve.thickest_mm(), 80);
  EXPECT_LT(curve.thickest_mm(), 90);
  for (const double t : {3e-4, 4e-4, 4e-4 + 4e-4}) EXPECT_EQ(curve.steel_mm(t), std::nullopt) << t;
}

TEST(Steel, the_last_step_scanned_again_is_inside_the_range) {
  const double sigma = 1e-4;
  const SteelCurve curve = curve_of(wedge({10, 20, 40, 80}, sigma));
  const auto again = curve.steel_mm(beam(80) - 5 * sigma);
  ASSERT_TRUE(again);
  EXPECT_NEAR(*again, 80, 4 * *curve.sigma_mm(beam(80), 2 * sigma));
}

TEST(Steel, a_floor_of_scatter_is_not_taken_for_steel) {
  std::vector<SteelStep> steps = wedge({10, 20, 40}, 1e-6);
  for (const double mm : {100.0, 150.0, 200.0}) steps.push_back({mm, 0.004 - mm * 1e-9, 1e-6});
  const SteelCurve curve = curve_of(steps);
  EXPECT_LT(curve.thickest_mm(), 41);
  EXPECT_EQ(curve.steel_mm(0.004), std::nullopt);
}

TEST(Steel, deviation_grows_towards_the_thick_end) {
  const SteelCurve curve = curve_of(wedge({10, 20, 40, 80}, 1e-4));
  EXPECT_LT(*curve.sigma_mm(beam(10), 1e-3), *curve.sigma_mm(beam(70), 1e-3));
  // One neper is about 1 / 0.05 mm at the thick end.
  EXPECT_NEAR(*curve.sigma_mm(beam(70), 1e-3), 20 * 1e-3 / beam(70), 0.3);
}

TEST(Steel, transmission_of_is_the_way_back) {
  const SteelCurve curve = curve_of(wedge({10, 20, 40, 80}));
  for (double mm = 0; mm <= 80; mm += 1.7) EXPECT_NEAR(*curve.steel_mm(*curve.transmission_of(mm)), mm, 1e-9);
  EXPECT_EQ(curve.transmission_of(200), std::nullopt);
  EXPECT_EQ(curve.transmission_of(nan), std::nullopt);
}

TEST(Steel, points_come_back_as_they_were_stored) {
  const SteelCurve curve = curve_of(wedge({10, 20, 40, 80}));
  const auto again = SteelCurve::from_points({curve.points().begin(), curve.points().end()});
  ASSERT_TRUE(again);
  EXPECT_EQ(again->steel_mm(0.123), curve.steel_mm(0.123));
}

TEST(Steel, a_wedge_with_impossible_steps_is_refused) {
  for (const SteelStep& bad : std::initializer_list<SteelStep>{{nan, 0.5, 0},
                                                               {5, nan, 0},
                                                               {5, 0.5, nan},
                                                               {-1, 0.5, 0},
                                                               {5, 0.5, -1},
                                                               {1e9, 0.5, 0},
                                                               {5, 1e9, 0}}) {
    std::vector<SteelStep> steps = wedge({10, 20, 40});
    steps.push_back(bad);
    EXPECT_EQ(id_of(SteelCurve::fit(steps)), "normalize.steel_step");
  }
}

TEST(Steel, a_thicker_step_that_lets_more_through_is_refused) {
  std::vector<SteelStep> steps = wedge({10, 20, 40, 80});
  std::swap(steps[1].transmission, steps[2].transmission);
  EXPECT_EQ(id_of(SteelCurve::fit(steps)), "normalize.steel_rising");
}

TEST(Steel, the_two_thickest_steps_exchanged_are_refused) {
  std::vector<SteelStep> steps = wedge({10, 20, 40, 80});
  std::swap(steps[2].transmission, steps[3].transmission);
  EXPECT_EQ(id_of(SteelCurve::fit(steps)), "normalize.steel_rising");
}

TEST(Steel, too_few_or_too_many_steps_are_refused) {
  EXPECT_EQ(id_of(SteelCurve::fit({})), "normalize.steel_too_few");
  EXPECT_EQ(id_of(SteelCurve::fit(wedge({10}))), "normalize.steel_too_few");
  EXPECT_EQ(id_of(SteelCurve::fit(wedge({10, 10}))), "normalize.steel_repeated");
  EXPECT_EQ(id_of(SteelCurve::fit(std::vector<SteelStep>(65))), "normalize.steel_too_many");
}

TEST(Steel, a_wedge_of_noise_alone_is_refused) {
  const std::vector<SteelStep> steps = {{10, 0.5, 0.2}, {20, 0.45, 0.2}, {30, 0.4, 0.2}};
  EXPECT_EQ(id_of(SteelCurve::fit(steps)), "normalize.steel_too_few");
}

TEST(Steel, a_stored_curve_that_cannot_be_is_refused) {
  const std::vector<std::vector<SteelPoint>> bad = {
      {},
      {{1, 0, 0}},
      {{1, 1, 0}, {0.5, 2, 0}},
      {{1, 0, 0}, {1, 2, 0}},
      {{1, 0, 0}, {0.5, 0, 0}},
      {{1, 0, 0}, {0, 2, 0}},
      {{1, 0, 0}, {-0.5, 2, 0}},
      {{1, 0, 0}, {nan, 2, 0}},
      {{1, 0, 0}, {0.5, nan, 0}},
      {{1, 0, 0}, {0.5, 2, nan}},
      {{9, 0, 0}, {0.5, 2, 0}},
      {{1, 0, 0}, {0.5, 1e9, 0}},
      std::vector<SteelPoint>(max_steel_points + 1),
  };
  for (size_t i = 0; i < bad.size(); ++i)
    EXPECT_EQ(id_of(SteelCurve::from_points(bad[i])), "normalize.steel_stored") << i;
}

TEST(Steel, any_steps_are_a_monotone_curve_or_refused) {
  GARITA_SCOPED_SEED();
  std::mt19937 engine(seed());
  std::uniform_real_distribution<double> mm(0, 300), share(0, 1);
  for (int trial = 0; trial < 2000; ++trial) {
    std::vector<SteelStep> steps(2 + engine() % 10);
    for (SteelStep& step : steps) step = {mm(engine), std::exp(-8 * share(engine)), share(engine) * 1e-4};
    if (trial % 2)  // falling, with any steepness
      for (SteelStep& step : steps)
        step.transmission = std::exp(-step.steel_mm * (0.01 + 0.02 * share(engine)));
    const auto curve = SteelCurve::fit(steps);
    if (!curve) continue;
    double before = -1;
    for (double t = 1.05; t >= curve->min_transmission(); t *= 0.97) {
      ASSERT_TRUE(curve->steel_mm(t));
      ASSERT_GE(*curve->steel_mm(t), before);
      before = *curve->steel_mm(t);
    }
  }
}

// ---- A step's mean

class Step : public ::testing::Test {
 protected:
  // Rows of transmission t with noise of each pixel and of each row.
  SteelStep measured(uint32_t rows, uint32_t columns, double t, double pixel_noise, double row_noise) {
    std::normal_distribution<double> normal(0, 1);
    StepMeter meter(columns);
    std::vector<uint16_t> row(columns);
    for (uint32_t i = 0; i < rows; ++i) {
      const double level = t + row_noise * normal(engine);
      for (uint16_t& sample : row)
        sample = static_cast<uint16_t>(
            std::clamp(std::lround(1024 + 57344 * (level + pixel_noise * normal(engine))), 0L, 65535L));
      meter.add(row);
    }
    auto step = meter.result(20);
    EXPECT_TRUE(step);
    return *step;
  }

  std::mt19937 engine{seed()};
};

TEST_F(Step, mean_and_its_deviation_are_measured) {
  GARITA_SCOPED_SEED();
  const SteelStep step = measured(100, 100, 0.4, 0.02, 0);
  EXPECT_NEAR(step.transmission, 0.4, 5 * 0.0002);
  EXPECT_NEAR(step.sigma, 0.0002, 0.0001);
}

TEST_F(Step, noise_that_a_row_shares_counts_once_a_row) {
  GARITA_SCOPED_SEED();
  EXPECT_NEAR(measured(100, 100, 0.4, 0.001, 0.02).sigma, 0.002, 0.0008);
}

TEST_F(Step, dead_pixels_are_left_out) {
  StepMeter meter(20);
  std::vector<uint16_t> row(20, 1024 + 28672);
  std::vector<uint8_t> usable(20, 1);
  row[3] = 1024, usable[3] = 0;
  for (int i = 0; i < 4; ++i) meter.add(row, usable);
  EXPECT_DOUBLE_EQ(meter.result(10)->transmission, 0.5);
  EXPECT_EQ(meter.samples(), 76u);
}

TEST_F(Step, too_few_samples_are_no_step) {
  StepMeter meter(4);
  meter.add(std::vector<uint16_t>(4, 30000));
  EXPECT_EQ(meter.result(10).error().id, "normalize.steel_no_samples");
}

}  // namespace
}  // namespace garita::normalize
