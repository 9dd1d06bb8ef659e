#include "drivers/leidos/zone.hpp"

#include <array>
#include <chrono>
#include <cstdlib>
#include <limits>
#include <optional>
#include <vector>

#include "drivers/leidos/units.hpp"

namespace garita::leidos {
namespace {

using std::chrono::days;
using std::chrono::sys_days;

constexpr int64_t second_ns = 1'000'000'000, hour_s = 3600, day_s = 86'400;

// Standard time in hours, whether the clock is put forward as in the USA, and since which whole year that
// holds: Mexico gave daylight time up at the end of October 2022, but for the border; Juárez and Ojinaga
// chose anew a month later.
struct Zone {
  std::string_view name;
  int standard_h;
  bool daylight;
  int since;
};
constexpr Zone zones[] = {
    {"America/Tijuana", -8, true, 2010},
    {"America/Ciudad_Juarez", -7, true, 2023},
    {"America/Ojinaga", -6, true, 2023},
    {"America/Matamoros", -6, true, 2010},
    {"America/Hermosillo", -7, false, 1999},
    {"America/Mazatlan", -7, false, 2023},
    {"America/Chihuahua", -6, false, 2023},
    {"America/Monterrey", -6, false, 2023},
    {"America/Mexico_City", -6, false, 2023},
    {"America/Merida", -6, false, 2023},
    {"America/Cancun", -5, false, 2016},
    {"America/Los_Angeles", -8, true, 2007},
    {"America/Phoenix", -7, false, 1968},
    {"America/Denver", -7, true, 2007},
    {"America/Chicago", -6, true, 2007},
    {"America/New_York", -5, true, 2007},
    {"UTC", 0, false, 1970},
};

struct Abbreviation {
  std::string_view name;
  int offset_h;
};
constexpr Abbreviation abbreviations[] = {{"UTC", 0},  {"PST", -8}, {"PDT", -7}, {"MST", -7}, {"MDT", -6},
                                          {"CST", -6}, {"CDT", -5}, {"EST", -5}, {"EDT", -4}};

// "YYYY-MM-DDTHH:MM:SS", with up to nine digits of a second, as nanoseconds of a clock without a zone.
std::optional<int64_t> reading_ns(std::string_view text) {
  constexpr std::string_view form = "0000-00-00T00:00:00";
  if (text.size() < form.size()) return {};
  for (size_t i = 0; i < form.size(); ++i) {
    const bool digit = text[i] >= '0' && text[i] <= '9';
    if (form[i] == '0' ? !digit : text[i] != form[i]) return {};
  }
  const auto part = [&](size_t at, size_t size) {
    return static_cast<int>(*whole_number(text.substr(at, size), 9999));
  };
  const std::chrono::year_month_day date{std::chrono::year(part(0, 4)),
                                         std::chrono::month(static_cast<unsigned>(part(5, 2))),
                                         std::chrono::day(static_cast<unsigned>(part(8, 2)))};
  const int hour = part(11, 2), minute = part(14, 2), second = part(17, 2);
  if (!date.ok() || date.year() < std::chrono::year(1970) || date.year() > std::chrono::year(2250) ||
      hour > 23 || minute > 59 || second > 59)
    return {};
  int64_t fraction = 0;
  if (const std::string_view rest = text.substr(form.size()); !rest.empty()) {
    if (rest[0] != '.' || rest.size() < 2 || rest.size() > 10) return {};
    const auto digits = whole_number(rest.substr(1), 999'999'999);
    if (!digits || rest[1] < '0' || rest[1] > '9') return {};
    fraction = static_cast<int64_t>(*digits);
    for (size_t i = rest.size(); i < 10; ++i) fraction *= 10;
  }
  const int64_t day = sys_days(date).time_since_epoch().count();
  return (day * day_s + hour * hour_s + minute * 60 + second) * second_ns + fraction;
}

// "-07:00", "+05:30".
std::optional<int32_t> offset_s(std::string_view text) {
  if (text.size() != 6 || (text[0] != '-' && text[0] != '+') || text[3] != ':') return {};
  const auto hours = whole_number(text.substr(1, 2), 14), minutes = whole_number(text.substr(4, 2), 59);
  if (!hours || !minutes) return {};
  const auto size = static_cast<int32_t>(*hours * 3600 + *minutes * 60);
  return text[0] == '-' ? -size : size;
}

std::optional<int32_t> offset_of_abbreviation(std::string_view text) {
  for (const Abbreviation& one : abbreviations)
    if (one.name == text) return one.offset_h * static_cast<int32_t>(hour_s);
  return {};
}

// Seconds of a wall clock at 02:00 of the n-th Sunday of a month.
int64_t sunday_at_two(std::chrono::year year, unsigned month, unsigned n) {
  const sys_days day(year / std::chrono::month(month) / std::chrono::Sunday[n]);
  return day.time_since_epoch().count() * day_s + 2 * hour_s;
}

const Zone* find_zone(std::string_view name, std::chrono::year year) {
  for (const Zone& zone : zones)
    if (zone.name == name) return int(year) >= zone.since ? &zone : nullptr;
  return nullptr;
}

std::chrono::year year_of(int64_t wall_s) {
  const auto day = std::chrono::floor<days>(std::chrono::sys_seconds(std::chrono::seconds(wall_s)));
  return std::chrono::year_month_day(day).year();
}

// The offsets that the zone's clocks may have had at that reading, the earlier moment first; none in the hour
// that is left out in spring.
std::vector<int32_t> possible_offsets(const Zone& zone, int64_t wall_s) {
  const auto standard = static_cast<int32_t>(zone.standard_h * hour_s),
             summer = static_cast<int32_t>(standard + hour_s);
  if (!zone.daylight) return {standard};
  const std::chrono::year year = year_of(wall_s);
  const int64_t forward = sunday_at_two(year, 3, 2), back = sunday_at_two(year, 11, 1);
  if (wall_s >= forward && wall_s < forward + hour_s) return {};
  if (wall_s >= back - hour_s && wall_s < back) return {summer, standard};
  return {wall_s >= forward && wall_s < back ? summer : standard};
}

Resolved at(int64_t wall_ns, int32_t offset, int64_t uncertainty_s, std::string doubt) {
  Time time = file_time(wall_ns - offset * second_ns, offset);
  time.uncertainty_ns = uncertainty_s * second_ns;
  return {time, std::move(doubt)};
}

Resolved check_stated(int64_t wall_ns, int32_t stated, const Zone& zone) {
  const std::vector<int32_t> possible = possible_offsets(zone, wall_ns / second_ns);
  int64_t away = possible.empty() ? hour_s : std::numeric_limits<int64_t>::max();
  for (const int32_t offset : possible) away = std::min<int64_t>(away, std::abs(int64_t{offset} - stated));
  if (away == 0) return at(wall_ns, stated, 0, {});
  return at(wall_ns, stated, away,
            "the stated offset is none that " + std::string(zone.name) + " has at that time");
}

Resolved by_zone(int64_t wall_ns, const Zone& zone) {
  const std::vector<int32_t> possible = possible_offsets(zone, wall_ns / second_ns);
  if (possible.size() == 1) return at(wall_ns, possible[0], 0, {});
  if (possible.size() == 2)
    return at(wall_ns, possible[0], hour_s, "that hour comes twice, and no offset says which");
  return at(wall_ns, static_cast<int32_t>(zone.standard_h * hour_s), hour_s,
            "that hour is left out in spring");
}

}  // namespace

Resolved resolve(const WallClock& clock) {
  const auto wall_ns = reading_ns(clock.reading);
  if (!wall_ns) return {{}, clock.reading.empty() ? "" : "it is no moment"};
  const Zone* zone = find_zone(clock.zone, year_of(*wall_ns / second_ns));
  const auto stated = offset_s(clock.offset), abbreviated = offset_of_abbreviation(clock.abbreviation);
  Resolved resolved;
  if (!stated && !abbreviated)
    resolved = zone ? by_zone(*wall_ns, *zone)
                    : at(*wall_ns, 0, 14 * hour_s, "neither an offset nor a zone that is known");
  else if (const int32_t offset = stated ? *stated : *abbreviated; zone)
    resolved = check_stated(*wall_ns, offset, *zone);
  else
    resolved = at(*wall_ns, offset, 0, {});
  if (!stated && !abbreviated && !zone) resolved.time.offset_s = GARITA_OFFSET_UNKNOWN;
  if (stated && abbreviated && *stated != *abbreviated && resolved.doubt.empty()) {
    resolved.time.uncertainty_ns = std::abs(int64_t{*stated} - *abbreviated) * second_ns;
    resolved.doubt = "its offset and its abbreviation contradict each other";
  }
  if (!clock.offset.empty() && !stated && resolved.doubt.empty()) resolved.doubt = "its offset is none";
  return resolved;
}

}  // namespace garita::leidos
