#include "core/base/clock.hpp"

#include <time.h>

#include <array>
#include <cstdio>

namespace garita::base {

namespace {

constexpr int64_t second_ns = 1'000'000'000;

int64_t now_ns(clockid_t id) {
  timespec now{};
  clock_gettime(id, &now);
  return static_cast<int64_t>(now.tv_sec) * second_ns + now.tv_nsec;
}

// The proleptic Gregorian calendar counted in eras of 400 years that begin on 1 March, so that a leap day
// comes last.
struct Day {
  int64_t year;
  unsigned month, day;
};

int64_t days_of(const Day& date) {
  const int64_t year = date.year - (date.month <= 2);
  const int64_t era = (year >= 0 ? year : year - 399) / 400;
  const auto year_of_era = static_cast<unsigned>(year - era * 400);
  const unsigned day_of_year = (153 * (date.month + (date.month > 2 ? -3u : 9u)) + 2) / 5 + date.day - 1;
  const unsigned day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * 146097 + day_of_era - 719468;
}

Day day_of(int64_t days) {
  days += 719468;
  const int64_t era = (days >= 0 ? days : days - 146096) / 146097;
  const auto day_of_era = static_cast<unsigned>(days - era * 146097);
  const unsigned year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  const unsigned day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const unsigned month_from_march = (5 * day_of_year + 2) / 153;
  const unsigned month = month_from_march < 10 ? month_from_march + 3 : month_from_march - 9;
  return {year_of_era + era * 400 + (month <= 2), month, day_of_year - (153 * month_from_march + 2) / 5 + 1};
}

unsigned days_in_month(int64_t year, unsigned month) {
  constexpr std::array<unsigned, 12> days = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
  return days[month - 1] + (month == 2 && leap);
}

// Reads a text from its front; once something does not fit, `good` is false for good.
struct Cursor {
  std::string_view rest;
  bool good = true;

  bool at(char c) const { return !rest.empty() && rest.front() == c; }
  bool at_digit() const { return !rest.empty() && rest.front() >= '0' && rest.front() <= '9'; }
  void expect(char c) {
    good = good && at(c);
    if (good) rest.remove_prefix(1);
  }
  unsigned number(unsigned digits) {
    unsigned value = 0;
    for (unsigned i = 0; i < digits; ++i) {
      if (!at_digit()) return good = false, 0u;
      value = value * 10 + static_cast<unsigned>(rest.front() - '0');
      rest.remove_prefix(1);
    }
    return value;
  }
  int64_t fraction_ns() {
    int64_t value = 0, unit = second_ns / 10;
    if (!at_digit()) good = false;
    for (; at_digit() && unit > 0; unit /= 10) {
      value += unit * (rest.front() - '0');
      rest.remove_prefix(1);
    }
    return value;
  }
  // Seconds east of UTC.
  int64_t offset_s() {
    if (at('Z')) return rest.remove_prefix(1), 0;
    const int64_t sign = at('-') ? -1 : 1;
    expect(at('-') ? '-' : '+');
    const unsigned hours = number(2);
    expect(':');
    const unsigned minutes = number(2);
    good = good && hours < 24 && minutes < 60;
    return sign * (hours * 3600 + minutes * 60);
  }
};

}  // namespace

uint64_t SystemClock::monotonic_ns() const { return static_cast<uint64_t>(now_ns(CLOCK_MONOTONIC)); }
int64_t SystemClock::utc_ns() const { return now_ns(CLOCK_REALTIME); }

const Clock& system_clock() {
  static const SystemClock clock;
  return clock;
}

std::string format_utc(int64_t utc_ns) {
  const int64_t fraction = (utc_ns % second_ns + second_ns) % second_ns;
  const unsigned digits = fraction == 0 ? 0 : fraction % 1'000'000 == 0 ? 3 : fraction % 1'000 == 0 ? 6 : 9;
  return format_utc(utc_ns, digits);
}

std::string format_utc(int64_t utc_ns, unsigned fraction_digits) {
  const int64_t fraction = (utc_ns % second_ns + second_ns) % second_ns;
  const int64_t seconds = utc_ns / second_ns - (utc_ns % second_ns < 0);
  const int64_t second_of_day = (seconds % 86400 + 86400) % 86400;
  const Day date = day_of((seconds - second_of_day) / 86400);
  char out[64];
  std::snprintf(out, sizeof out, "%04d-%02u-%02uT%02d:%02d:%02d.%09d", static_cast<int>(date.year),
                date.month, date.day, static_cast<int>(second_of_day / 3600),
                static_cast<int>(second_of_day / 60 % 60), static_cast<int>(second_of_day % 60),
                static_cast<int>(fraction));
  const size_t kept = fraction_digits == 0 ? 19 : 20 + (fraction_digits < 9 ? fraction_digits : 9);
  return std::string(out, kept) + "Z";
}

std::optional<int64_t> parse_utc(std::string_view text) {
  Cursor in{text};
  Day date{};
  date.year = in.number(4), in.expect('-');
  date.month = in.number(2), in.expect('-');
  date.day = in.number(2), in.expect('T');
  const unsigned hour = in.number(2);
  in.expect(':');
  const unsigned minute = in.number(2);
  in.expect(':');
  const unsigned second = in.number(2);
  int64_t fraction_ns = 0;
  if (in.at('.')) in.expect('.'), fraction_ns = in.fraction_ns();
  const int64_t offset_s = in.offset_s();
  if (!in.good || !in.rest.empty()) return std::nullopt;
  if (date.month < 1 || date.month > 12 || date.day < 1 || date.day > days_in_month(date.year, date.month))
    return {};
  if (hour > 23 || minute > 59 || second > 59) return std::nullopt;

  int64_t seconds = days_of(date) * 86400 + hour * 3600 + minute * 60 + second - offset_s, utc_ns = 0;
  // Counted back from the second above where it is before 1970: else the earliest second would overflow on
  // its way.
  if (seconds < 0 && fraction_ns > 0) ++seconds, fraction_ns -= second_ns;
  if (__builtin_mul_overflow(seconds, second_ns, &utc_ns)) return std::nullopt;
  if (__builtin_add_overflow(utc_ns, fraction_ns, &utc_ns)) return std::nullopt;
  return utc_ns;
}

}  // namespace garita::base
