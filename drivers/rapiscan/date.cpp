// Dates as the gantry writes them: "11/22/2026 04:05:06.250 PM -07:00".
#include <algorithm>
#include <cstdio>

#include "drivers/rapiscan/wire.hpp"

namespace garita::rapiscan {
namespace {

constexpr std::string_view form = "00/00/0000 00:00:00.000 ?M ?00:00";  // 0: a digit
constexpr int64_t ns_a_s = 1'000'000'000;

// Days since 1970 in the Gregorian calendar and back (H. Hinnant, "chrono-compatible low-level date
// algorithms").
int64_t days_of(int64_t year, int64_t month, int64_t day) {
  year -= month <= 2;
  const int64_t era = year / 400, of_era = year % 400;
  const int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + day_of_year - 719468;
}

struct Civil {
  int64_t year;
  unsigned month, day;
};
Civil civil_of(int64_t days) {
  days += 719468;
  const int64_t era = days / 146097, of_era = days % 146097;
  const int64_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
  const int64_t of_year = of_era - (365 * year + year / 4 - year / 100);
  const int64_t shifted = (5 * of_year + 2) / 153;
  const auto month = static_cast<unsigned>(shifted < 10 ? shifted + 3 : shifted - 9);
  return {era * 400 + year + (month <= 2), month,
          static_cast<unsigned>(of_year - (153 * shifted + 2) / 5 + 1)};
}

bool has_form(std::string_view text) {
  if (text.size() != form.size()) return false;
  for (size_t i = 0; i < form.size(); ++i) {
    const bool digit = text[i] >= '0' && text[i] <= '9';
    if (form[i] == '0' ? !digit : form[i] != '?' && text[i] != form[i]) return false;
  }
  return (text[24] == 'A' || text[24] == 'P') && (text[27] == '+' || text[27] == '-');
}

int64_t number(std::string_view text, size_t at, size_t size) {
  int64_t value = 0;
  for (const char c : text.substr(at, size)) value = value * 10 + (c - '0');
  return value;
}

int64_t days_in(int64_t year, int64_t month) {
  return month == 12 ? 31 : days_of(year, month + 1, 1) - days_of(year, month, 1);
}

}  // namespace

std::optional<Date> parse_date(std::string_view text) {
  if (text.empty()) return Date{};
  if (!has_form(text)) return std::nullopt;
  const int64_t month = number(text, 0, 2), day = number(text, 3, 2), year = number(text, 6, 4);
  const int64_t hour = number(text, 11, 2), minute = number(text, 14, 2), second = number(text, 17, 2);
  const int64_t zone_h = number(text, 28, 2), zone_min = number(text, 31, 2);
  if (year < 1970 || year > 2200 || month < 1 || month > 12 || day < 1 || day > days_in(year, month))
    return std::nullopt;
  if (hour < 1 || hour > 12 || minute > 59 || second > 59 || zone_h > 14 || zone_min > 59)
    return std::nullopt;
  const int64_t hours = hour % 12 + (text[24] == 'P' ? 12 : 0);
  const int64_t zone_s = (zone_h * 60 + zone_min) * 60 * (text[27] == '-' ? -1 : 1);
  const int64_t local_s = days_of(year, month, day) * 86400 + (hours * 60 + minute) * 60 + second;
  return Date{(local_s - zone_s) * ns_a_s + number(text, 20, 3) * 1'000'000, static_cast<int32_t>(zone_s)};
}

std::string format_date(const Date& date) {
  if (date.utc_ns == utc_unknown) return {};
  const int32_t zone_s = date.zone_s == zone_unknown ? 0 : date.zone_s;
  const int64_t local_ms = date.utc_ns / 1'000'000 + int64_t{zone_s} * 1000;
  if (local_ms < 0) return {};
  const Civil day = civil_of(local_ms / 86'400'000);
  const auto ms = static_cast<unsigned>(local_ms % 86'400'000);
  const unsigned hour = ms / 3'600'000, zone = static_cast<unsigned>(zone_s < 0 ? -zone_s : zone_s) / 60;
  char text[64];
  std::snprintf(text, sizeof text, "%02u/%02u/%04u %02u:%02u:%02u.%03u %cM %c%02u:%02u", day.month, day.day,
                static_cast<unsigned>(day.year), hour % 12 == 0 ? 12 : hour % 12, ms / 60'000 % 60,
                ms / 1000 % 60, ms % 1000, hour < 12 ? 'A' : 'P', zone_s < 0 ? '-' : '+', zone / 60,
                zone % 60);
  return text;
}

}  // namespace garita::rapiscan
