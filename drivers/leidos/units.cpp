#include "drivers/leidos/units.hpp"

#include <charconv>

namespace garita::leidos {
namespace {

constexpr size_t max_digits = 6;
constexpr int64_t million = 1'000'000;

bool is_digits(std::string_view text) {
  return text.size() <= max_digits && text.find_first_not_of("0123456789") == std::string_view::npos;
}

int64_t digits(std::string_view text) {
  int64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

int64_t rounded_to_even(int64_t numerator, int64_t denominator) {
  int64_t whole = numerator / denominator, rest = numerator % denominator;
  if (rest < 0) rest += denominator, --whole;
  const bool up = 2 * rest > denominator || (2 * rest == denominator && whole % 2 != 0);
  return whole + (up ? 1 : 0);
}

}  // namespace

std::optional<Decimal> decimal(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  const size_t point = text.find('.');
  const std::string_view before = text.substr(0, point);
  const std::string_view after = point == text.npos ? std::string_view() : text.substr(point + 1);
  if (before.empty() || (point != text.npos && after.empty()) || !is_digits(before) || !is_digits(after))
    return {};
  int64_t fraction = digits(after);
  for (size_t i = after.size(); i < max_digits; ++i) fraction *= 10;
  const int64_t millionths = digits(before) * million + fraction;
  return Decimal{negative ? -millionths : millionths};
}

std::optional<uint64_t> whole_number(std::string_view text, uint64_t most) {
  uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size() || value > most) return {};
  return value;
}

std::optional<int64_t> micrometres(Decimal number, std::string_view unit) {
  const int64_t um = unit == "in" ? 25'400 : unit == "ft" ? 304'800 : unit == "mm" ? 1'000 : 0;
  if (um == 0) return {};
  return rounded_to_even(number.millionths * um, million);  // below 10^12 · 304 800
}

std::optional<double> metres_per_s(Decimal number, std::string_view unit) {
  if (unit == "mph") return static_cast<double>(number.millionths * 44'704) / 1e11;
  if (unit == "km/h") return static_cast<double>(number.millionths) / 3.6e6;
  return {};
}

std::optional<double> kilograms(Decimal number, std::string_view unit) {
  if (unit == "lb") return number.value() * 0.45359237;
  if (unit == "kg") return number.value();
  return {};
}

std::optional<double> celsius(Decimal number, std::string_view unit) {
  if (unit == "F") return static_cast<double>((number.millionths - 32 * million) * 5) / 9e6;
  if (unit == "C") return number.value();
  return {};
}

}  // namespace garita::leidos
