#include "core/codec/predictive.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <random>

namespace garita::codec {
namespace {

using Samples = std::vector<uint16_t>;

std::vector<std::byte> bytes_of(const Samples& samples, uint32_t sample_bytes) {
  std::vector<std::byte> out(samples.size() * sample_bytes);
  for (size_t i = 0; i < samples.size(); ++i) std::memcpy(&out[i * sample_bytes], &samples[i], sample_bytes);
  return out;
}

class PredictiveTest : public ::testing::Test {
 protected:
  std::vector<std::byte> encoded(const std::vector<std::byte>& pixels, const Shape& shape,
                                 const Kernels& kernels = best_kernels()) {
    std::vector<std::byte> code;
    EXPECT_TRUE((*make_predictive_encoder(kernels))->encode(pixels, shape, code).ok());
    return code;
  }

  std::vector<std::byte> decoded(const std::vector<std::byte>& code, const Shape& shape,
                                 const Kernels& kernels = best_kernels()) {
    std::vector<std::byte> out(size_bytes(shape));
    return (*make_predictive_decoder(kernels))->decode(code, shape, out).ok() ? out
                                                                              : std::vector<std::byte>();
  }

  // Reference and vectors: the same code, and each reads it.
  void expect_exact(const Samples& samples, const Shape& shape) {
    const auto pixels = bytes_of(samples, shape.sample_bytes);
    const auto code = encoded(pixels, shape, scalar_kernels());
    for (const Kernels* kernels : all_kernels()) {
      ASSERT_EQ(code, encoded(pixels, shape, *kernels)) << shape.rows << " x " << shape.columns;
      ASSERT_EQ(decoded(code, shape, *kernels), pixels) << shape.rows << " x " << shape.columns;
    }
  }

  // Those that this machine runs, the reference first.
  static std::vector<const Kernels*> all_kernels() {
    std::vector<const Kernels*> all = {&scalar_kernels()};
#if defined(__x86_64__)
    if (avx2_runs()) all.push_back(&avx2_kernels());
    if (avx512_runs()) all.push_back(&avx512_kernels());
#endif
    return all;
  }

  // A picture with slopes, an edge and noise of that deviation.
  Samples picture(const Shape& shape, double noise) {
    std::normal_distribution<double> normal(0, noise > 0 ? noise : 1e-9);
    const double top = shape.sample_bytes == 1 ? 250 : 60000;
    Samples out(size_t{shape.rows} * shape.columns);
    for (size_t i = 0; i < out.size(); ++i) {
      const double x = static_cast<double>(i % shape.columns) / shape.columns;
      const double y = static_cast<double>(i / shape.columns) / shape.rows;
      const double value = (x + y > 0.8 ? 0.7 : 0.2) * top + 0.1 * top * x * y + normal(random_);
      out[i] = static_cast<uint16_t>(std::clamp(value, 0.0, top));
    }
    return out;
  }

  std::mt19937 random_{11};
};

TEST_F(PredictiveTest, every_width_up_to_two_cells_comes_back_exactly) {
  for (uint32_t columns = 1; columns <= 530; columns += columns < 70 ? 1 : 23) {
    const Shape shape{1 + columns % 19, columns, 2};
    ASSERT_NO_FATAL_FAILURE(expect_exact(picture(shape, 90), shape));
  }
}

TEST_F(PredictiveTest, every_height_comes_back_exactly) {
  for (uint32_t rows = 1; rows <= max_rows; rows += rows < 36 ? 1 : 7) {
    const Shape shape{rows, 301, 2};
    ASSERT_NO_FATAL_FAILURE(expect_exact(picture(shape, 25), shape));
  }
}

TEST_F(PredictiveTest, every_level_of_noise_comes_back_exactly) {
  for (const double noise : {0.0, 0.3, 1.0, 4.0, 30.0, 300.0, 3000.0, 30000.0}) {
    const Shape shape{128, 300, 2};
    ASSERT_NO_FATAL_FAILURE(expect_exact(picture(shape, noise), shape));
  }
}

TEST_F(PredictiveTest, samples_without_any_order_come_back_exactly) {
  const Shape shape{128, 513, 2};
  Samples samples(size_t{shape.rows} * shape.columns);
  for (auto& sample : samples) sample = static_cast<uint16_t>(random_());
  expect_exact(samples, shape);
}

TEST_F(PredictiveTest, lone_peaks_in_a_calm_plane_come_back_exactly) {
  const Shape shape{128, 700, 2};
  Samples samples = picture(shape, 2);
  for (int i = 0; i < 500; ++i) samples[random_() % samples.size()] = static_cast<uint16_t>(random_());
  expect_exact(samples, shape);
}

// A peak is wrong at most where it is a neighbour; what its block takes for noise does not grow with it.
TEST_F(PredictiveTest, lone_peaks_cost_little_more_than_themselves) {
  const Shape shape{128, 1024, 2};
  Samples samples = picture(shape, 12);
  const size_t calm = encoded(bytes_of(samples, 2), shape).size();
  constexpr size_t peaks = 300;
  for (size_t i = 0; i < peaks; ++i) samples[random_() % samples.size()] ^= 0x2000;
  EXPECT_LT(encoded(bytes_of(samples, 2), shape).size(), calm + peaks * 40);
}

TEST_F(PredictiveTest, rare_residuals_in_an_empty_plane_cost_a_few_bytes_each) {
  const Shape shape{128, 1024, 2};
  Samples samples(size_t{shape.rows} * shape.columns, 1024);
  for (size_t i = 0; i < 200; ++i) ++samples[random_() % samples.size()];
  expect_exact(samples, shape);
  EXPECT_LT(encoded(bytes_of(samples, 2), shape).size(), 200u * 12);
}

TEST_F(PredictiveTest, values_missing_by_chance_are_not_taken_for_distances) {
  const Shape shape{128, 300, 2};
  Samples samples(size_t{shape.rows} * shape.columns);
  for (auto& sample : samples) sample = static_cast<uint16_t>(20000 + random_() % 30000);
  const auto code = encoded(bytes_of(samples, 2), shape);
  EXPECT_NE(code[0], std::byte{3});
}

TEST_F(PredictiveTest, samples_of_8_bits_come_back_exactly) {
  for (const uint32_t columns : {1u, 31u, 256u, 777u}) {
    const Shape shape{100, columns, 1};
    ASSERT_NO_FATAL_FAILURE(expect_exact(picture(shape, 3), shape));
  }
}

TEST_F(PredictiveTest, plane_of_few_values_comes_back_exactly_and_small) {
  const Shape shape{128, 600, 2};
  Samples samples = picture(shape, 200);
  for (auto& sample : samples) sample = static_cast<uint16_t>(sample / 64 * 64 + 7);
  expect_exact(samples, shape);
  Samples dense = samples;
  for (auto& sample : dense) sample = static_cast<uint16_t>(sample + random_() % 64);
  EXPECT_LT(encoded(bytes_of(samples, 2), shape).size() * 3, encoded(bytes_of(dense, 2), shape).size() * 2);
}

TEST_F(PredictiveTest, constant_tile_is_a_byte_and_its_value) {
  const Shape shape{128, 2000, 2};
  const Samples samples(size_t{shape.rows} * shape.columns, 58368);
  EXPECT_EQ(encoded(bytes_of(samples, 2), shape).size(), 3u);
  expect_exact(samples, shape);
}

TEST_F(PredictiveTest, empty_cells_between_others_cost_almost_nothing) {
  const Shape shape{128, 256 * 5, 2};
  Samples samples(size_t{shape.rows} * shape.columns, 1024);
  const size_t empty = encoded(bytes_of(samples, 2), shape).size();
  for (size_t i = 0; i < samples.size(); ++i)
    if (i % shape.columns / 256 == 2) samples[i] = static_cast<uint16_t>(1000 + random_() % 64);
  expect_exact(samples, shape);
  EXPECT_LT(encoded(bytes_of(samples, 2), shape).size(), empty + 128 * 256 * 7 / 8);
}

TEST_F(PredictiveTest, noise_of_all_bits_costs_a_byte_more_than_itself) {
  const Shape shape{64, 100, 2};
  Samples samples(size_t{shape.rows} * shape.columns);
  for (auto& sample : samples) sample = static_cast<uint16_t>(random_());
  EXPECT_EQ(encoded(bytes_of(samples, 2), shape).size(), size_bytes(shape) + 1);
}

TEST_F(PredictiveTest, wide_samples_are_left_to_the_other_codec) {
  std::vector<std::byte> pixels(64), code;
  EXPECT_EQ((*make_encoder(Id::predictive))->encode(pixels, {4, 4, 4}, code).error().id, "codec.shape");
  EXPECT_EQ((*make_decoder(Id::predictive))->decode(code, {4, 4, 4}, pixels).error().id, "codec.shape");
}

TEST_F(PredictiveTest, code_cut_at_any_length_or_lengthened_is_refused) {
  const Shape shape{20, 40, 2};
  const auto code = encoded(bytes_of(picture(shape, 20), 2), shape);
  for (size_t size = 0; size < code.size(); ++size)
    ASSERT_TRUE(decoded({code.begin(), code.begin() + static_cast<ptrdiff_t>(size)}, shape).empty()) << size;
  auto longer = code;
  longer.push_back(std::byte{0});
  EXPECT_TRUE(decoded(longer, shape).empty());
}

TEST_F(PredictiveTest, code_of_another_shape_is_refused) {
  const Shape shape{20, 40, 2};
  const auto code = encoded(bytes_of(picture(shape, 20), 2), shape);
  for (const Shape& other : {Shape{19, 40, 2}, Shape{21, 40, 2}, Shape{20, 41, 2}, Shape{20, 300, 2}})
    EXPECT_TRUE(decoded(code, other).empty());
}

// What comes out is nobody's promise, but all kernels say the same; the sanitizer watches the buffers.
TEST_F(PredictiveTest, damaged_code_decodes_to_the_same_with_all_kernels) {
  const Shape shape{33, 300, 2};
  Samples samples = picture(shape, 5);
  for (int i = 0; i < 40; ++i) samples[random_() % samples.size()] = static_cast<uint16_t>(random_());
  const auto code = encoded(bytes_of(samples, 2), shape);
  for (size_t i = 0; i < code.size(); i += i < 300 ? 1 : 37) {
    auto damaged = code;
    damaged[i] ^= static_cast<std::byte>(1u << random_() % 8);
    const auto expected = decoded(damaged, shape, scalar_kernels());
    for (const Kernels* kernels : all_kernels()) ASSERT_EQ(decoded(damaged, shape, *kernels), expected) << i;
  }
}

// The 16-bit samples at the end of real files, whatever stands before them: cut into tiles of several widths.
TEST_F(PredictiveTest, real_planes_come_back_exactly) {
  const char* given = std::getenv("GARITA_TEST_DATA");
  const std::filesystem::path data = given ? given : GARITA_SOURCE_DIR "/../shared/data";
  size_t files = 0;
  for (const char* folder : {"cargo", "radiography", "dicom"}) {
    if (!std::filesystem::is_directory(data / folder)) continue;
    for (const auto& entry : std::filesystem::directory_iterator(data / folder)) {
      std::ifstream file(entry.path(), std::ios::binary);
      file.seekg(static_cast<std::streamoff>(entry.file_size() * 2 / 3 & ~uintmax_t{1}));
      const Shape shape{128, 1442 - static_cast<uint32_t>(files) * 37, 2};
      Samples samples(size_t{shape.rows} * shape.columns);
      file.read(reinterpret_cast<char*>(samples.data()), static_cast<std::streamsize>(samples.size() * 2));
      ASSERT_NO_FATAL_FAILURE(expect_exact(samples, shape)) << entry.path();
      ++files;
    }
  }
  if (files == 0) GTEST_SKIP() << "*** SKIPPED: no real planes at " << data << "; set GARITA_TEST_DATA";
}

}  // namespace
}  // namespace garita::codec
