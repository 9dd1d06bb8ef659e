// Feet, inches, miles an hour, pounds and degrees Fahrenheit, as a sidecar writes them, in SI. Lengths are
// exact: an inch is 25 400 µm, so a decimal of inches is a whole number of nanometres, and only the last step
// rounds.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace garita::leidos {

// A decimal number without exponent, at most six digits on either side of the point: "0.2", "-40", "71250.5".
struct Decimal {
  int64_t millionths = 0;
  double value() const { return static_cast<double>(millionths) / 1e6; }
};
std::optional<Decimal> decimal(std::string_view text);
std::optional<uint64_t> whole_number(std::string_view text, uint64_t most);

// Rounded to the nearest µm, halves to even. unit: "in", "ft", "mm"; nothing for any other.
std::optional<int64_t> micrometres(Decimal number, std::string_view unit);
// unit: "mph", "km/h".
std::optional<double> metres_per_s(Decimal number, std::string_view unit);
// unit: "lb", "kg".
std::optional<double> kilograms(Decimal number, std::string_view unit);
// unit: "F", "C".
std::optional<double> celsius(Decimal number, std::string_view unit);

}  // namespace garita::leidos
