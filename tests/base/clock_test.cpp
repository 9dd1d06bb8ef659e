#include "core/base/clock.hpp"

#include <gtest/gtest.h>
#include <time.h>

#include <cstdint>
#include <random>

namespace garita::base {
namespace {

constexpr int64_t second_ns = 1'000'000'000;

TEST(Clock, system_clock_goes_forward_and_knows_this_century) {
  const uint64_t before = system_clock().monotonic_ns();
  EXPECT_GE(system_clock().monotonic_ns(), before);
  EXPECT_GT(system_clock().utc_ns(), *parse_utc("2024-01-01T00:00:00Z"));
}

TEST(Clock, manual_clock_moves_only_when_told) {
  ManualClock clock(1000, 5);
  EXPECT_EQ(clock.utc_ns(), 1000);
  clock.advance(7);
  EXPECT_EQ(clock.utc_ns(), 1007);
  EXPECT_EQ(clock.monotonic_ns(), 12u);
  clock.set_utc_ns(-3);
  EXPECT_EQ(clock.utc_ns(), -3);
  EXPECT_EQ(clock.monotonic_ns(), 12u);
}

TEST(Utc, formats_with_the_fewest_digits_that_lose_nothing) {
  EXPECT_EQ(format_utc(0), "1970-01-01T00:00:00Z");
  EXPECT_EQ(format_utc(1'772'368'496 * second_ns + 500'000'000), "2026-03-01T12:34:56.500Z");
  EXPECT_EQ(format_utc(1'000), "1970-01-01T00:00:00.000001Z");
  EXPECT_EQ(format_utc(1), "1970-01-01T00:00:00.000000001Z");
  EXPECT_EQ(format_utc(-1), "1969-12-31T23:59:59.999999999Z");
}

TEST(Utc, given_digits_cut_and_do_not_round) {
  EXPECT_EQ(format_utc(999'999'999, 3), "1970-01-01T00:00:00.999Z");
  EXPECT_EQ(format_utc(999'999'999, 0), "1970-01-01T00:00:00Z");
  EXPECT_EQ(format_utc(5, 42), "1970-01-01T00:00:00.000000005Z");
}

TEST(Utc, reads_leap_days_offsets_and_fractions) {
  EXPECT_EQ(parse_utc("2024-02-29T00:00:00Z"), 1'709'164'800 * second_ns);
  EXPECT_EQ(parse_utc("2026-03-01T05:34:56.5-07:00"), 1'772'368'496 * second_ns + 500'000'000);
  EXPECT_EQ(parse_utc("1970-01-01T02:00:00+02:00"), 0);
  EXPECT_EQ(parse_utc("1969-12-31T23:59:59.25Z"), -750'000'000);
}

TEST(Utc, what_is_no_moment_is_refused) {
  for (const char* bad : {"",
                          "Z",
                          "2026-03-01",
                          "2026-03-01T12:34:56",
                          "2026-03-01T12:34:56.Z",
                          "2026-13-01T00:00:00Z",
                          "2026-00-01T00:00:00Z",
                          "2025-02-29T00:00:00Z",
                          "1900-02-29T00:00:00Z",
                          "2026-04-31T00:00:00Z",
                          "2026-03-00T00:00:00Z",
                          "2026-03-01T24:00:00Z",
                          "2026-03-01T12:60:00Z",
                          "2026-03-01T12:34:60Z",
                          "2026-03-01T12:34:56.1234567890Z",
                          "2026-03-01T12:34:56+2:00",
                          "2026-03-01T12:34:56+24:00",
                          "2026-03-01T12:34:56Zx",
                          " 2026-03-01T12:34:56Z",
                          "2026-3-01T12:34:56Z",
                          "2026-03-01 12:34:56Z",
                          "2300-01-01T00:00:00Z",
                          "1600-01-01T00:00:00Z",
                          "0000-01-01T00:00:00Z"}) {
    EXPECT_EQ(parse_utc(bad), std::nullopt) << bad;
  }
}

TEST(Utc, ends_of_the_range_come_back) {
  for (const int64_t utc_ns : {INT64_MIN, INT64_MIN + 1, INT64_MAX - 1, INT64_MAX, int64_t{-1}, int64_t{0}}) {
    EXPECT_EQ(parse_utc(format_utc(utc_ns)), utc_ns) << format_utc(utc_ns);
  }
  EXPECT_EQ(parse_utc("2262-04-11T23:47:16.854775808Z"), std::nullopt);
  EXPECT_EQ(parse_utc("1677-09-21T00:12:43.145224191Z"), std::nullopt);
}

TEST(Utc, any_moment_comes_back_and_agrees_with_the_c_library) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE(seed);
  std::mt19937_64 random(seed);
  for (int i = 0; i < 20'000; ++i) {
    const auto utc_ns = static_cast<int64_t>(random());
    const std::string text = format_utc(utc_ns);
    ASSERT_EQ(parse_utc(text), utc_ns) << text;
    const time_t seconds = utc_ns / second_ns - (utc_ns % second_ns < 0);
    tm parts{};
    gmtime_r(&seconds, &parts);
    char expected[32];
    strftime(expected, sizeof expected, "%Y-%m-%dT%H:%M:%S", &parts);
    ASSERT_EQ(text.substr(0, 19), expected);
  }
}

}  // namespace
}  // namespace garita::base
