#include "drivers/leidos/zone.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <ctime>
#include <random>

namespace garita::leidos {
namespace {

constexpr int64_t second_ns = 1'000'000'000, hour_ns = 3600 * second_ns;

int64_t utc(int year, int month, int day, int hour, int minute, int second = 0) {
  tm moment{};
  moment.tm_year = year - 1900;
  moment.tm_mon = month - 1;
  moment.tm_mday = day;
  moment.tm_hour = hour;
  moment.tm_min = minute;
  moment.tm_sec = second;
  return timegm(&moment) * second_ns;
}

Resolved in_tijuana(const char* reading, const char* offset = "", const char* abbreviation = "") {
  return resolve({reading, "America/Tijuana", offset, abbreviation});
}

TEST(Zone, hour_that_comes_twice_is_told_apart_by_the_offset) {
  EXPECT_EQ(in_tijuana("2026-11-01T01:30:00", "-07:00").time.utc_ns, utc(2026, 11, 1, 8, 30));
  EXPECT_EQ(in_tijuana("2026-11-01T01:30:00", "-08:00").time.utc_ns, utc(2026, 11, 1, 9, 30));
  EXPECT_EQ(in_tijuana("2026-11-01T01:30:00", "", "PST").time.utc_ns, utc(2026, 11, 1, 9, 30));
  EXPECT_EQ(in_tijuana("2026-11-01T01:30:00", "-08:00").time.uncertainty_ns, 0);
}

TEST(Zone, hour_that_comes_twice_without_an_offset_is_uncertain_by_an_hour) {
  const Resolved either = in_tijuana("2026-11-01T01:30:00");
  EXPECT_EQ(either.time.utc_ns, utc(2026, 11, 1, 8, 30));
  EXPECT_EQ(either.time.uncertainty_ns, hour_ns);
  EXPECT_NE(either.doubt, "");
  EXPECT_EQ(in_tijuana("2026-11-01T00:59:59").time.uncertainty_ns, 0);
  EXPECT_EQ(in_tijuana("2026-11-01T02:00:00").time.uncertainty_ns, 0);
}

TEST(Zone, hour_that_is_left_out_is_uncertain_whatever_is_stated) {
  for (const char* offset : {"", "-08:00", "-07:00"}) {
    const Resolved never = in_tijuana("2026-03-08T02:30:00", offset);
    EXPECT_EQ(never.time.uncertainty_ns, hour_ns) << offset;
    EXPECT_NE(never.doubt, "") << offset;
  }
  EXPECT_EQ(in_tijuana("2026-03-08T01:59:59").time.utc_ns, utc(2026, 3, 8, 9, 59, 59));
  EXPECT_EQ(in_tijuana("2026-03-08T03:00:00").time.utc_ns, utc(2026, 3, 8, 10, 0));
}

TEST(Zone, offset_that_the_zone_does_not_have_then_counts_and_is_doubted) {
  const Resolved wrong = in_tijuana("2026-07-01T12:00:00", "-08:00");
  EXPECT_EQ(wrong.time.utc_ns, utc(2026, 7, 1, 20, 0));
  EXPECT_EQ(wrong.time.uncertainty_ns, hour_ns);
  EXPECT_NE(wrong.doubt.find("America/Tijuana"), std::string::npos);
}

TEST(Zone, sonora_and_mexico_city_keep_one_time_all_year) {
  EXPECT_EQ(resolve({"2026-07-01T12:00:00", "America/Hermosillo", "", ""}).time.utc_ns,
            utc(2026, 7, 1, 19, 0));
  EXPECT_EQ(resolve({"2026-07-01T12:00:00", "America/Mexico_City", "", ""}).time.utc_ns,
            utc(2026, 7, 1, 18, 0));
  EXPECT_EQ(resolve({"2026-07-01T12:00:00", "America/Ciudad_Juarez", "", ""}).time.utc_ns,
            utc(2026, 7, 1, 18, 0));
}

TEST(Zone, years_before_a_zones_rule_need_an_offset) {
  EXPECT_EQ(resolve({"2021-07-01T12:00:00", "America/Mexico_City", "", ""}).time.uncertainty_ns,
            14 * hour_ns);
  EXPECT_EQ(resolve({"2021-07-01T12:00:00", "America/Mexico_City", "-05:00", ""}).time.utc_ns,
            utc(2021, 7, 1, 17, 0));
}

TEST(Zone, neither_offset_nor_known_zone_is_utc_uncertain_by_fourteen_hours) {
  const Resolved lost = resolve({"2026-07-01T12:00:00.5", "Mars/Olympus", "", ""});
  EXPECT_EQ(lost.time.utc_ns, utc(2026, 7, 1, 12, 0) + second_ns / 2);
  EXPECT_EQ(lost.time.uncertainty_ns, 14 * hour_ns);
  EXPECT_EQ(lost.time.offset_s, GARITA_OFFSET_UNKNOWN);
}

TEST(Zone, offset_against_its_abbreviation_is_doubted) {
  EXPECT_EQ(resolve({"2026-07-01T12:00:00", "", "-07:00", "PST"}).time.uncertainty_ns, hour_ns);
  EXPECT_EQ(resolve({"2026-07-01T12:00:00", "", "-07:00", "PDT"}).time.uncertainty_ns, 0);
}

TEST(Zone, what_is_no_moment_is_unknown) {
  for (const char* text :
       {"", "2026-02-30T00:00:00", "2026-01-01T24:00:00", "2026-01-01 00:00:00", "2026-01-01T00:00",
        "2026-01-01T00:00:00.", "2026-01-01T00:00:00.1234567890", "2026-01-01T00:00:00Z",
        "1969-01-01T00:00:00", "2026-13-01T00:00:00", "2026-01-01T00:60:00", "99999-01-01T00:00:00"})
    EXPECT_EQ(in_tijuana(text).time.utc_ns, GARITA_UTC_UNKNOWN) << text;
}

// The system's own rules against the table, through five years, an hour and some at a time.
TEST(Zone, table_agrees_with_the_systems_rules) {
  const char* before = std::getenv("TZ");
  const std::string kept = before ? before : "";
  ::setenv("TZ", "PST8PDT,M3.2.0,M11.1.0", 1);
  ::tzset();
  int wrong = 0;
  for (time_t at = utc(2024, 1, 1, 0, 0) / second_ns; at < utc(2029, 1, 1, 0, 0) / second_ns; at += 3907) {
    tm local{};
    localtime_r(&at, &local);
    char reading[32];
    std::strftime(reading, sizeof reading, "%Y-%m-%dT%H:%M:%S", &local);
    const Resolved resolved = in_tijuana(reading);
    const int64_t away = std::abs(resolved.time.utc_ns - int64_t{at} * second_ns);
    wrong += away > resolved.time.uncertainty_ns;
  }
  before ? ::setenv("TZ", kept.c_str(), 1) : ::unsetenv("TZ");
  ::tzset();
  EXPECT_EQ(wrong, 0);
}

}  // namespace
}  // namespace garita::leidos
