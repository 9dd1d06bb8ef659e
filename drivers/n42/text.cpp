#include "drivers/n42/text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cmath>
#include <utility>

#include "garita/text.hpp"

namespace garita::n42 {
namespace {

constexpr std::string_view space = " \t\r\n\f\v";

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return lower(c) >= 'a' && lower(c) <= 'z'; }

// Bytes of the UTF-8 code point that `text` starts with; 0 where it is none.
size_t code_point_bytes(std::string_view text) {
  const auto first = static_cast<unsigned char>(text[0]);
  if (first < 0x80) return 1;
  const size_t size = first >= 0xC2 && first < 0xE0   ? 2
                      : first >= 0xE0 && first < 0xF0 ? 3
                      : first >= 0xF0 && first < 0xF5 ? 4
                                                      : 0;
  if (size == 0 || text.size() < size) return 0;
  for (size_t i = 1; i < size; ++i)
    if ((static_cast<unsigned char>(text[i]) & 0xC0) != 0x80) return 0;
  const auto second = static_cast<unsigned char>(text[1]);
  const bool overlong = (first == 0xE0 && second < 0xA0) || (first == 0xF0 && second < 0x90);
  const bool surrogate = first == 0xED && second >= 0xA0;
  return overlong || surrogate || (first == 0xF4 && second >= 0x90) ? 0 : size;
}

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const size_t size = code_point_bytes(text);
    if (size == 0) return false;
    text.remove_prefix(size);
  }
  return true;
}

std::string from_latin1(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const auto value = static_cast<unsigned char>(c);
    if (value >= 0x80) out += static_cast<char>(0xC0 | value >> 6);
    out += static_cast<char>(value < 0x80 ? value : 0x80 | (value & 0x3F));
  }
  return out;
}

std::optional<double> plain_number(std::string_view text) {
  if (!text.empty() && text[0] == '+') text.remove_prefix(1);
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(value)) return std::nullopt;
  return value;
}

// Takes a number of exactly `digits` digits off the front.
bool take(std::string_view& text, size_t digits, int& value) {
  if (text.size() < digits || !std::all_of(text.begin(), text.begin() + static_cast<long>(digits), is_digit))
    return false;
  std::from_chars(text.data(), text.data() + digits, value);
  text.remove_prefix(digits);
  return true;
}
bool take(std::string_view& text, char c) {
  if (text.empty() || lower(text[0]) != c) return false;
  text.remove_prefix(1);
  return true;
}

int64_t take_fraction_ns(std::string_view& text) {
  if (text.empty() || (text[0] != '.' && text[0] != ',')) return 0;
  text.remove_prefix(1);
  int64_t ns = 0;
  int64_t digit_ns = 100000000;
  for (; !text.empty() && is_digit(text[0]); text.remove_prefix(1), digit_ns /= 10)
    ns += (text[0] - '0') * digit_ns;
  return ns;
}

// "Z", "+02:00", "-0700", "+02" or nothing; false: something else.
bool take_zone(std::string_view text, int32_t& offset_s) {
  text = trim(text);
  if (text.empty()) return true;
  if (take(text, 'z')) return offset_s = 0, text.empty();
  const bool west = text[0] == '-';
  if (!west && text[0] != '+') return false;
  text.remove_prefix(1);
  int hours = 0, minutes = 0;
  if (!take(text, 2, hours)) return false;
  take(text, ':');
  if (!text.empty() && !take(text, 2, minutes)) return false;
  if (!text.empty() || hours > 18 || minutes > 59) return false;
  offset_s = (hours * 3600 + minutes * 60) * (west ? -1 : 1);
  return true;
}

struct Part {
  char letter;
  double seconds;
};
constexpr std::array<Part, 4> date_parts = {
    {{'y', 365 * 86400.0}, {'m', 30 * 86400.0}, {'w', 7 * 86400.0}, {'d', 86400.0}}};
constexpr std::array<Part, 3> time_parts = {{{'h', 3600.0}, {'m', 60.0}, {'s', 1.0}}};

std::optional<double> iso_seconds(std::string_view text) {
  double seconds = 0;
  bool time = false;
  while (!text.empty()) {
    if (!time && take(text, 't')) {
      time = true;
      continue;
    }
    const size_t end = static_cast<size_t>(std::find_if(text.begin(), text.end(), is_letter) - text.begin());
    const std::optional<double> count = number(text.substr(0, end));
    if (!count || end == text.size()) return std::nullopt;
    const auto known = [&](const Part& part) { return part.letter == lower(text[end]); };
    const Part* part = nullptr;
    if (time) {
      const auto found = std::find_if(time_parts.begin(), time_parts.end(), known);
      if (found != time_parts.end()) part = &*found;
    } else {
      const auto found = std::find_if(date_parts.begin(), date_parts.end(), known);
      if (found != date_parts.end()) part = &*found;
    }
    if (part == nullptr) return std::nullopt;
    seconds += *count * part->seconds;
    text.remove_prefix(end + 1);
  }
  return seconds;
}

std::optional<double> plain_seconds(std::string_view text) {
  size_t end = text.size();
  while (end > 0 && (is_letter(text[end - 1]) || text[end - 1] == '.')) --end;
  const std::string_view unit = trim(text.substr(end));
  if (!unit.empty() && lower(unit[0]) != 's') return std::nullopt;
  return number(text.substr(0, end));
}

}  // namespace

std::string_view trim(std::string_view text) {
  const size_t first = text.find_first_not_of(space);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(space) - first + 1);
}

bool same_word(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return lower(x) == lower(y); });
}

bool mentions(std::string_view text, std::string_view word) {
  return std::search(text.begin(), text.end(), word.begin(), word.end(),
                     [](char x, char y) { return lower(x) == y; }) != text.end();
}

std::string clean(std::string_view text, size_t limit_bytes) {
  text = trim(text);
  if (text.size() > 4 * limit_bytes) text = cut_text(text, 4 * limit_bytes);
  std::string out = is_utf8(text) ? std::string(text) : from_latin1(text);
  std::replace_if(
      out.begin(), out.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }, ' ');
  return std::string(trim(cut_text(out, limit_bytes)));
}

std::optional<double> number(std::string_view text) {
  text = trim(text);
  if (const auto value = plain_number(text)) return value;
  if (text.size() > 64 || std::count(text.begin(), text.end(), ',') != 1) return std::nullopt;
  std::string dotted(text);
  dotted[text.find(',')] = '.';
  return plain_number(dotted);
}

std::optional<bool> truth(std::string_view text) {
  text = trim(text);
  for (const std::string_view word : {"1", "true", "yes"})
    if (same_word(text, word)) return true;
  for (const std::string_view word : {"0", "false", "no"})
    if (same_word(text, word)) return false;
  return std::nullopt;
}

std::optional<uint64_t> duration_ns(std::string_view text) {
  constexpr double longest_s = 100 * 365 * 86400.0;
  text = trim(text);
  if (text.empty()) return std::nullopt;
  const std::optional<double> seconds = take(text, 'p') ? iso_seconds(text) : plain_seconds(text);
  if (!seconds || !(*seconds >= 0 && *seconds <= longest_s)) return std::nullopt;
  return static_cast<uint64_t>(std::llround(*seconds * 1e9));
}

std::optional<Time> moment(std::string_view text) {
  text = trim(text);
  int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0;
  if (!take(text, 4, year)) return std::nullopt;
  take(text, '-');
  if (!take(text, 2, month)) return std::nullopt;
  take(text, '-');
  if (!take(text, 2, day) || !(take(text, 't') || take(text, ' ')) || !take(text, 2, hour))
    return std::nullopt;
  take(text, ':');
  if (!take(text, 2, minute)) return std::nullopt;
  if (take(text, ':') || (!text.empty() && is_digit(text[0])))
    if (!take(text, 2, second)) return std::nullopt;
  const int64_t fraction_ns = take_fraction_ns(text);
  int32_t offset_s = GARITA_OFFSET_UNKNOWN;
  const std::chrono::year_month_day date{std::chrono::year(year),
                                         std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  if (!take_zone(text, offset_s) || !date.ok() || year < 1900 || year > 2250 || hour > 24 || minute > 59 ||
      second > 60)
    return std::nullopt;
  const int64_t days = std::chrono::sys_days(date).time_since_epoch().count();
  const int64_t local_s = days * 86400 + hour * 3600 + minute * 60 + second;
  const bool known = offset_s != GARITA_OFFSET_UNKNOWN;
  Time time = file_time((local_s - (known ? offset_s : 0)) * 1000000000 + fraction_ns, offset_s);
  if (!known) time.uncertainty_ns = unknown_zone_ns;
  return time;
}

std::optional<double> microsievert_per_h(std::string_view unit) {
  unit = trim(unit);
  if (unit.empty()) return 1;
  // The sign for micro comes as µ, μ, u, a byte of Latin-1 or a question mark; all but the letters are passed
  // over.
  std::string letters;
  for (const char c : unit.substr(0, 32))
    if (is_letter(c)) letters += lower(c);
  constexpr std::array<std::pair<std::string_view, double>, 10> known = {{{"svh", 1e6},
                                                                          {"sv", 1e6},
                                                                          {"usvh", 1},
                                                                          {"usv", 1},
                                                                          {"microsvh", 1},
                                                                          {"msvh", 1e3},
                                                                          {"nsvh", 1e-3},
                                                                          {"uremh", 1e-2},
                                                                          {"mremh", 10},
                                                                          {"remh", 1e4}}};
  if (letters.ends_with("hr")) letters.pop_back();
  const bool micro = !is_letter(unit[0]);
  const auto found =
      std::find_if(known.begin(), known.end(), [&](const auto& row) { return row.first == letters; });
  if (found == known.end()) return std::nullopt;
  return found->second * (micro && found->second >= 1e4 ? 1e-6 : 1);
}

std::optional<double> metres_per_s(std::string_view unit) {
  unit = trim(unit);
  constexpr std::array<std::pair<std::string_view, double>, 8> known = {{{"", 1},
                                                                         {"m/s", 1},
                                                                         {"mps", 1},
                                                                         {"km/h", 1 / 3.6},
                                                                         {"kph", 1 / 3.6},
                                                                         {"mph", 0.44704},
                                                                         {"cm/s", 0.01},
                                                                         {"ft/s", 0.3048}}};
  for (const auto& [name, factor] : known)
    if (same_word(name, unit)) return factor;
  return std::nullopt;
}

std::string nuclide(std::string_view name) {
  name = trim(name);
  std::string packed;
  for (const char c : name.substr(0, 16))
    if (c != '-' && c != ' ' && c != '_') packed += lower(c);
  const auto run_of = [](std::string_view text, bool (*kind)(char)) {
    return static_cast<size_t>(std::find_if_not(text.begin(), text.end(), kind) - text.begin());
  };
  std::string_view rest = packed, symbol, mass;
  const auto take_mass = [&] {
    mass = rest.substr(0, run_of(rest, is_digit)), rest.remove_prefix(mass.size());
  };
  const auto take_symbol = [&] {
    symbol = rest.substr(0, run_of(rest, is_letter)), rest.remove_prefix(symbol.size());
  };
  const bool mass_first = !rest.empty() && is_digit(rest[0]);
  if (!mass_first) take_symbol();
  take_mass();
  const bool metastable = mass_first ? rest.size() == 3 && rest[0] == 'm' : rest == "m";
  if (metastable) rest.remove_prefix(1);
  if (mass_first) take_symbol();
  if (!rest.empty() || symbol.empty() || symbol.size() > 2 || mass.empty() || mass.size() > 3 ||
      mass[0] == '0')
    return std::string(name);
  std::string label(symbol);
  label[0] = static_cast<char>(label[0] - 'a' + 'A');
  return label + "-" + std::string(mass) + (metastable ? "m" : "");
}

bool Numbers::next(double& value) {
  constexpr std::string_view between = " \t\r\n\f\v,;";
  const size_t first = rest_.find_first_not_of(between);
  if (first == std::string_view::npos) return false;
  rest_.remove_prefix(first);
  const std::string_view word = rest_.substr(0, rest_.find_first_of(between));
  rest_.remove_prefix(word.size());
  const std::optional<double> parsed = plain_number(word);
  bad_ = bad_ || !parsed;
  value = parsed.value_or(0);
  return true;
}

}  // namespace garita::n42
