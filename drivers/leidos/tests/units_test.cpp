#include "drivers/leidos/units.hpp"

#include <gtest/gtest.h>

namespace garita::leidos {
namespace {

int64_t um(const char* text, const char* unit) { return micrometres(*decimal(text), unit).value_or(-1); }

TEST(Units, inches_and_feet_are_exact_micrometres) {
  EXPECT_EQ(um("1", "in"), 25'400);
  EXPECT_EQ(um("0.2", "in"), 5'080);
  EXPECT_EQ(um("0.0625", "in"), 1'588) << "1587.5, the half to even";
  EXPECT_EQ(um("0.1875", "in"), 4'762) << "4762.5, the half to even";
  EXPECT_EQ(um("53", "ft"), 16'154'400);
  EXPECT_EQ(um("999999.999999", "ft"), 304'800'000'000) << "304 799 999 999.6952";
}

TEST(Units, every_sixty_fourth_of_an_inch_is_the_nearest_micrometre) {
  for (int n = 1; n <= 64; ++n) {
    char text[16];
    std::snprintf(text, sizeof text, "%.6f", n / 64.0);
    const int64_t exact = n * 25'400, nearest = um(text, "in");
    EXPECT_LE(std::abs(nearest * 64 - exact), 32) << text;
  }
}

TEST(Units, speed_weight_and_temperature_are_the_defined_ones) {
  EXPECT_DOUBLE_EQ(*metres_per_s(*decimal("10"), "mph"), 4.4704);
  EXPECT_DOUBLE_EQ(*metres_per_s(*decimal("36"), "km/h"), 10);
  EXPECT_DOUBLE_EQ(*kilograms(*decimal("1000"), "lb"), 453.59237);
  EXPECT_DOUBLE_EQ(*celsius(*decimal("-40"), "F"), -40);
  EXPECT_DOUBLE_EQ(*celsius(*decimal("212"), "F"), 100);
}

TEST(Units, what_is_no_plain_decimal_or_no_known_unit_is_nothing) {
  for (const char* text :
       {"", "-", ".5", "5.", "1e3", "0x10", "1,5", " 1", "1 ", "1234567", "0.1234567", "--1", "nan"})
    EXPECT_FALSE(decimal(text)) << text;
  EXPECT_FALSE(micrometres(*decimal("1"), "furlong"));
  EXPECT_FALSE(metres_per_s(*decimal("1"), "kn"));
  EXPECT_FALSE(whole_number("70000", 65535));
  EXPECT_FALSE(whole_number("-1", 65535));
}

}  // namespace
}  // namespace garita::leidos
