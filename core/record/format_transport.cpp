#include <array>

#include "core/record/format_checks.hpp"

namespace garita::record {
namespace {

// ISO 6346: A = 10, B = 12, … without the multiples of 11.
int container_value(char c) {
  if (is_digit(c)) return digit(c);
  const int n = c - 'A' + 10;
  return n + (n > 10 ? 1 : 0) + (n > 20 ? 1 : 0) + (n > 30 ? 1 : 0);
}

// ISO 3779 and 49 CFR 565.15: the number a letter counts as; I, O and Q do not occur.
int vin_value(char c) {
  if (is_digit(c)) return digit(c);
  constexpr std::string_view values = "12345678.12345.7.923456789";  // A … Z
  return values[static_cast<size_t>(c - 'A')] - '0';
}

// The digits from the right, every second one doubled (UIC 438).
bool luhn_holds(std::string_view digits) {
  int sum = 0;
  for (size_t i = 0; i < digits.size(); ++i) {
    const int d = digit(digits[digits.size() - 1 - i]) * (i % 2 == 1 ? 2 : 1);
    sum += d / 10 + d % 10;
  }
  return sum % 10 == 0;
}

// Two characters of which one at least is a letter (IATA), or three letters (ICAO).
bool is_airline(std::string_view code) {
  if (code.size() == 3) return all_of(code, is_upper);
  return code.size() == 2 && all_of(code, is_upper_or_digit) && !all_of(code, is_digit);
}

}  // namespace

Verdict check_iso6346(std::string_view value) {
  if (value.size() != 11 || !all_of(value.substr(0, 3), is_upper) || !all_digits(value.substr(4), 7))
    return Verdict::bad_format;
  if (value[3] != 'U' && value[3] != 'J' && value[3] != 'Z') return Verdict::bad_format;
  int sum = 0;
  for (size_t i = 0; i < 10; ++i) sum += container_value(value[i]) << i;
  return sum % 11 % 10 == digit(value[10]) ? Verdict::good : Verdict::bad_check_digit;
}

Verdict check_iso6346_type(std::string_view value) {
  return good_if(value.size() == 4 && all_of(value, is_upper_or_digit));
}

Verdict check_vin(std::string_view value) {
  const auto allowed = [](char c) { return is_upper_or_digit(c) && c != 'I' && c != 'O' && c != 'Q'; };
  if (value.size() != 17 || !all_of(value, allowed)) return Verdict::bad_format;
  if (value[0] < '1' || value[0] > '5')
    return Verdict::good;  // made elsewhere: the ninth place is no check digit
  constexpr std::array<int, 17> weights = {8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2};
  int sum = 0;
  for (size_t i = 0; i < 17; ++i) sum += vin_value(value[i]) * weights[i];
  return "0123456789X"[sum % 11] == value[8] ? Verdict::good : Verdict::bad_check_digit;
}

Verdict check_imo(std::string_view value) {
  if (!all_digits(value, 7)) return Verdict::bad_format;
  int sum = 0;
  for (size_t i = 0; i < 6; ++i) sum += digit(value[i]) * static_cast<int>(7 - i);
  return sum % 10 == digit(value[6]) ? Verdict::good : Verdict::bad_check_digit;
}

Verdict check_awb(std::string_view value) {
  if (!all_digits(value, 11)) return Verdict::bad_format;
  int serial = 0;
  for (char c : value.substr(3, 7)) serial = serial * 10 + digit(c);
  return serial % 7 == digit(value[10]) ? Verdict::good : Verdict::bad_check_digit;
}

// Type (three), serial number (four or five digits), owner (two or three).
Verdict check_uld(std::string_view value) {
  if (value.size() < 9 || !is_upper(value[0]) || !all_of(value.substr(1, 2), is_upper_or_digit))
    return Verdict::bad_format;
  for (size_t digits : {4, 5})
    if (all_of(value.substr(3, digits), is_digit) && is_airline(value.substr(3 + digits)))
      return Verdict::good;
  return Verdict::bad_format;
}

Verdict check_flight(std::string_view value) {
  if (!value.empty() && is_upper(value.back()) && value.size() > 3)
    value.remove_suffix(1);  // the operational suffix
  for (size_t airline : {2, 3}) {
    if (value.size() <= airline || value.size() > airline + 4) continue;
    if (is_airline(value.substr(0, airline)) && all_of(value.substr(airline), is_digit)) return Verdict::good;
  }
  return Verdict::bad_format;
}

Verdict check_bag_tag(std::string_view value) { return good_if(all_digits(value, 10)); }

// AAR reporting mark and number, "TTGX987654"; or UIC, twelve digits with a Luhn digit.
Verdict check_rail_car(std::string_view value) {
  if (all_digits(value, 12)) return luhn_holds(value) ? Verdict::good : Verdict::bad_check_digit;
  const size_t letters =
      static_cast<size_t>(std::find_if_not(value.begin(), value.end(), is_upper) - value.begin());
  const std::string_view number = value.substr(letters);
  return good_if(letters >= 2 && letters <= 4 && !number.empty() && number.size() <= 6 &&
                 all_of(number, is_digit));
}

// Every country paints its own: capital letters of any script, digits, blank and hyphen; no small Latin
// letters.
Verdict check_plate(std::string_view value) {
  const auto allowed = [](char c) { return is_upper_or_digit(c) || c == '-' || c == ' ' || (c & 0x80) != 0; };
  return good_if(!value.empty() && value.size() <= 32 && all_of(value, allowed) && value.front() != ' ' &&
                 value.back() != ' ');
}

}  // namespace garita::record
