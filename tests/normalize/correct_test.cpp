// The exact definition, against an independent computation; and every kernel against the definition.
#include "core/normalize/correct.hpp"

#include <algorithm>
#include <cfenv>
#include <cmath>

#include "tests/normalize/fixture.hpp"

namespace garita::normalize {
namespace {

// binary32 by way of binary64: for one +, −, × or ÷ of two binary32 numbers, rounding twice gives the same as
// rounding once, because 53 ≥ 2·24 + 2. Ties are decided by hand.
uint16_t independent(uint32_t raw, uint32_t dark, uint32_t air, const uint32_t* dose) {
  const int64_t step = int64_t{air} - int64_t{dark};
  if (step < 256 || (dose && *dose == 0)) return 1024;
  const auto g = static_cast<float>(57344.0 / static_cast<double>(step));
  const float q = dose ? static_cast<float>(65536.0 / static_cast<double>(static_cast<float>(*dose))) : 1.0F;
  const auto x = static_cast<double>(int64_t{raw} * 256 - int64_t{dark});
  const auto scaled = static_cast<float>(static_cast<double>(static_cast<float>(x * g)) * q);
  const double value = static_cast<float>(static_cast<double>(scaled) + 1024.0);
  if (value <= 0) return 0;
  if (value >= 65535) return 65535;
  const double below = std::floor(value), part = value - below;
  const auto whole = static_cast<uint16_t>(below);
  if (part > 0.5 || (part == 0.5 && whole % 2 == 1)) return static_cast<uint16_t>(whole + 1);
  return whole;
}

// A random job of its own memory: plain, hostile (everything extreme) or with a gain for each row.
struct Random {
  std::mt19937 engine{seed()};
  std::vector<std::byte> raw;
  std::vector<uint32_t> dark_q8, air_q8, dose;
  std::vector<float> dark, gain;
  CorrectJob job;

  uint32_t below(uint32_t limit) { return static_cast<uint32_t>(engine() % limit); }

  Random& make(uint32_t rows, uint32_t columns, uint32_t sample_type, bool hostile, bool frame, bool dosed) {
    const size_t bytes = sample_type == GARITA_SAMPLE_U8 ? 1 : 2;
    job = {};
    job.rows = rows, job.columns = columns, job.sample_type = sample_type;
    job.raw_stride_bytes = columns * bytes + below(5);  // odd strides too
    raw.resize((rows - 1) * job.raw_stride_bytes + columns * bytes);
    for (std::byte& byte : raw) byte = std::byte(hostile && below(2) ? below(2) * 255 : below(256));
    const size_t gains = frame ? size_t{rows} * columns : columns;
    dark_q8.resize(gains), air_q8.resize(gains), dark.resize(gains), gain.resize(gains);
    for (size_t i = 0; i < gains; ++i) {
      dark_q8[i] = hostile ? below(1U << 24) : 256 * 500 + below(256 * 1000);
      air_q8[i] = hostile ? std::min((1U << 24) - 1, dark_q8[i] + below(below(2) ? 600 : 1U << 24))
                          : 256 * 20000 + below(256 * 40000);
      if (hostile && below(8) == 0) std::swap(dark_q8[i], air_q8[i]);
      dark[i] = static_cast<float>(dark_q8[i]);
      gain[i] = gain_of(dark_q8[i], air_q8[i]);
    }
    dose.resize(rows);
    for (uint32_t& d : dose)
      d = hostile ? (below(4) ? below(UINT32_MAX) >> below(32) : 0) : 60000 + below(12000);
    job.raw = raw.data();
    job.dark = dark.data(), job.gain = gain.data(), job.gain_stride = frame ? columns : 0;
    job.dose_q16 = dosed ? dose.data() : nullptr;
    return *this;
  }
  uint32_t raw_at(uint32_t row, uint32_t column) const {
    const std::byte* line = raw.data() + row * job.raw_stride_bytes;
    if (job.sample_type == GARITA_SAMPLE_U8) return std::to_integer<uint32_t>(line[column]);
    return std::to_integer<uint32_t>(line[2 * column]) | std::to_integer<uint32_t>(line[2 * column + 1]) << 8;
  }
};

struct Answer {
  std::vector<uint16_t> values;
  Saturation ends;
};

// Guard values around and between the rows must survive.
Answer run(CorrectJob job, Kernel kernel, bool transposed, size_t extra = 3) {
  const size_t lines = transposed ? job.columns : job.rows, line = transposed ? job.rows : job.columns;
  job.out_stride = line + extra;
  std::vector<uint16_t> out(lines * job.out_stride + 1, 0xABCD);
  job.out = out.data() + 1;
  Answer answer;
  answer.ends = transposed ? correct_transposed(job, kernel) : correct(job, kernel);
  EXPECT_EQ(out[0], 0xABCD);
  for (size_t i = 0; i < lines; ++i) {
    const uint16_t* from = job.out + i * job.out_stride;
    answer.values.insert(answer.values.end(), from, from + line);
    const bool kept =
        std::all_of(from + line, from + job.out_stride, [](uint16_t value) { return value == 0xABCD; });
    EXPECT_TRUE(kept) << "written beside line " << i;
  }
  return answer;
}

void expect_same(const Answer& given, const Answer& wanted) {
  ASSERT_EQ(given.values, wanted.values);
  ASSERT_EQ(given.ends.low, wanted.ends.low);
  ASSERT_EQ(given.ends.high, wanted.ends.high);
}

class CorrectKernel : public ::testing::TestWithParam<Kernel> {
 protected:
  void SetUp() override {
    if (!runs_here(GetParam())) GTEST_SKIP() << "NOT TESTED: this machine has no such vectors";
  }
};

TEST(Correct, definition_is_the_one_an_independent_computation_gives) {
  GARITA_SCOPED_SEED();
  Random random;
  for (int round = 0; round < 200; ++round) {
    random.make(8, 64, GARITA_SAMPLE_U16, round % 2, round % 4 == 3, round % 8 > 3);
    const Answer answer = run(random.job, Kernel::scalar, false);
    for (uint32_t row = 0; row < 8; ++row)
      for (uint32_t column = 0; column < 64; ++column) {
        const size_t at = row * random.job.gain_stride + column;
        ASSERT_EQ(answer.values[row * 64 + column],
                  independent(random.raw_at(row, column), random.dark_q8[at], random.air_q8[at],
                              random.job.dose_q16 ? &random.dose[row] : nullptr));
      }
  }
}

TEST(Correct, opaque_is_1024_and_open_beam_58368) {
  const uint16_t raw[] = {100, 1124};
  const float dark[] = {25600, 25600}, gain[] = {gain_of(25600, 287744), gain_of(25600, 287744)};
  uint16_t out[2];
  correct(
      {reinterpret_cast<const std::byte*>(raw), 4, GARITA_SAMPLE_U16, 1, 2, dark, gain, 0, nullptr, out, 2});
  EXPECT_EQ(out[0], 1024);
  EXPECT_EQ(out[1], 58368);
}

TEST(Correct, every_value_lies_within_one_unit_of_the_real_number) {
  GARITA_SCOPED_SEED();
  Random random;
  random.make(64, 200, GARITA_SAMPLE_U16, false, false, true);
  const Answer answer = run(random.job, best_kernel(), false);
  for (uint32_t row = 0; row < 64; ++row)
    for (uint32_t column = 0; column < 200; ++column) {
      const long double t = (256.0L * random.raw_at(row, column) - random.dark_q8[column]) /
                            (static_cast<long double>(random.air_q8[column]) - random.dark_q8[column]) *
                            65536.0L / random.dose[row];
      const long double real = std::clamp(1024.0L + 57344.0L * t, 0.0L, 65535.0L);
      ASSERT_NEAR(static_cast<double>(real), answer.values[row * 200 + column], 0.51) << row << ' ' << column;
    }
}

TEST(Correct, a_dead_pixel_and_a_lost_line_are_stored_as_opaque_and_never_saturate) {
  const std::vector<uint16_t> raw(40, 65535);
  std::vector<float> dark(20, 0.0F), gain(20, gain_of(0, 100 * 256));
  gain[3] = gain_of(1000, 1255);  // one less than it takes
  const uint32_t dose[] = {65536, 0};
  uint16_t out[40];
  const Saturation ends = correct({reinterpret_cast<const std::byte*>(raw.data()), 40, GARITA_SAMPLE_U16, 2,
                                   20, dark.data(), gain.data(), 0, dose, out, 20});
  EXPECT_EQ(out[3], canonical_unmeasured);
  EXPECT_EQ(std::vector<uint16_t>(out + 20, out + 40), std::vector<uint16_t>(20, canonical_unmeasured));
  EXPECT_EQ(ends.high, 19U);
  EXPECT_EQ(ends.low, 0U);
}

TEST(Correct, a_difference_of_256_is_alive) { EXPECT_EQ(gain_of(1000, 1256), 224.0F); }

TEST(Correct, the_callers_rounding_mode_changes_nothing_and_is_kept) {
  GARITA_SCOPED_SEED();
  Random random;
  random.make(7, 97, GARITA_SAMPLE_U16, false, false, true);
  const Answer nearest = run(random.job, best_kernel(), false);
  std::fesetround(FE_UPWARD);
  const Answer upward = run(random.job, best_kernel(), false);
  const int after = std::fegetround();
  std::fesetround(FE_TONEAREST);
  EXPECT_EQ(after, FE_UPWARD);
  expect_same(upward, nearest);
}

TEST_P(CorrectKernel, gives_the_bits_of_the_definition_at_every_width) {
  GARITA_SCOPED_SEED();
  Random random;
  for (uint32_t columns = 1; columns <= 200; ++columns)
    for (const uint32_t type : {GARITA_SAMPLE_U8, GARITA_SAMPLE_U16})
      for (uint32_t kind = 0; kind < 8; ++kind) {
        random.make(1 + random.below(9), columns, type, kind & 1, kind & 2, kind & 4);
        expect_same(run(random.job, GetParam(), false), run(random.job, Kernel::scalar, false));
      }
}

TEST_P(CorrectKernel, gives_the_same_bits_past_the_cache) {
  GARITA_SCOPED_SEED();
  Random random;
  for (uint32_t columns = 1; columns <= 140; ++columns)
    for (uint32_t kind = 0; kind < 8; ++kind) {
      random.make(1 + random.below(9), columns, GARITA_SAMPLE_U16, kind & 1, kind & 2, kind & 4);
      const Answer wanted = run(random.job, Kernel::scalar, false);
      CorrectJob job = random.job;
      job.past_cache = true;
      job.out_stride = (columns + 31) / 32 * 32;
      std::vector<uint16_t> memory(job.rows * job.out_stride + 32, 0xABCD);
      void* aligned = memory.data();
      size_t room = memory.size() * 2;
      job.out = static_cast<uint16_t*>(std::align(64, job.rows * job.out_stride * 2, aligned, room));
      Answer given;
      given.ends = correct(job, GetParam());
      for (uint32_t row = 0; row < job.rows; ++row) {
        const uint16_t* from = job.out + row * job.out_stride;
        given.values.insert(given.values.end(), from, from + columns);
        EXPECT_TRUE(
            std::all_of(from + columns, from + job.out_stride, [](uint16_t at) { return at == 0xABCD; }));
      }
      expect_same(given, wanted);
    }
}

TEST_P(CorrectKernel, transposes_to_the_bits_of_the_definition_at_every_width_and_height) {
  GARITA_SCOPED_SEED();
  Random random;
  for (uint32_t columns = 1; columns <= 200; ++columns)
    for (const uint32_t type : {GARITA_SAMPLE_U8, GARITA_SAMPLE_U16})
      for (uint32_t kind = 0; kind < 8; ++kind) {
        random.make(1 + random.below(kind & 1 ? 100 : 40), columns, type, kind & 1, kind & 2, kind & 4);
        expect_same(run(random.job, GetParam(), true), run(random.job, Kernel::scalar, true));
      }
}

// Output on whole cache lines takes the path that writes past the cache.
TEST_P(CorrectKernel, transposes_the_same_when_whole_cache_lines_are_written) {
  GARITA_SCOPED_SEED();
  Random random;
  for (const uint32_t rows : {32U, 64U, 100U}) {
    random.make(rows, 133, GARITA_SAMPLE_U16, rows == 64, false, rows != 100);
    const size_t stride = (rows + 31) / 32 * 32;
    std::vector<uint16_t> room(133 * stride + 32);
    CorrectJob job = random.job;
    job.out_stride = stride;
    job.out = room.data() + (64 - reinterpret_cast<uintptr_t>(room.data()) % 64) / 2 % 32;
    const Saturation ends = correct_transposed(job, GetParam());
    const Answer wanted = run(random.job, Kernel::scalar, true);
    Answer given{{}, ends};
    for (size_t c = 0; c < 133; ++c)
      given.values.insert(given.values.end(), job.out + c * stride, job.out + c * stride + rows);
    expect_same(given, wanted);
  }
}

INSTANTIATE_TEST_SUITE_P(kernels, CorrectKernel,
                         ::testing::Values(Kernel::scalar, Kernel::avx2, Kernel::avx512),
                         [](const auto& given) {
                           return given.param == Kernel::scalar ? "scalar"
                                  : given.param == Kernel::avx2 ? "avx2"
                                                                : "avx512";
                         });

}  // namespace
}  // namespace garita::normalize
