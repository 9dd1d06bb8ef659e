// What the kit finds of a known object in the channels of a view.
#include "conformance/twin/likeness.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace garita::conformance {
namespace {

// Three steps and an L, a pixel a millimetre, as a beam of this absorption a millimetre of steel shows them.
struct LikenessTest : testing::Test {
  ObjectSettings object;
  LikenessTest() {
    object.pitch_column_mm = object.pitch_row_mm = 1;
    const double thicknesses[] = {5, 20, 60};
    for (int i = 0; i < 3; ++i)
      object.parts.push_back({.x0 = 30.0,
                              .y0 = 20.0 * i,
                              .x1 = 60.0,
                              .y1 = 20.0 * (i + 1),
                              .shade = 0.3 + 0.3 * i,
                              .steel_mm = thicknesses[i]});
    object.parts.push_back({.x0 = 0, .y0 = 0, .x1 = 12, .y1 = 12, .shade = 1});
    object.parts.push_back({.x0 = 0, .y0 = 12, .x1 = 24, .y1 = 24, .shade = 1});
  }
  TruePlane plane(double absorption) const {
    TruePlane own{100, 100, std::vector<float>(100 * 100, 1.0f)};
    for (const ObjectPart& part : object.parts)
      for (double y = part.y0; y < part.y1; ++y)
        for (double x = part.x0; x < part.x1; ++x)
          own.t[static_cast<size_t>(y + 15) * 100 + static_cast<size_t>(x + 20)] =
              static_cast<float>(std::exp(-absorption * (part.steel_mm > 0 ? part.steel_mm : 40)));
    return own;
  }
  ObjectFound found(double absorption) const { return find_object(object, plane(absorption)); }
};

TEST_F(LikenessTest, object_that_is_there_is_found_with_its_steps) {
  const ObjectFound own = found(0.03);
  EXPECT_EQ(own.how, "");
  EXPECT_EQ(own.step, "");
  ASSERT_EQ(own.steps.size(), 3u);
  EXPECT_NEAR(own.steps[1], std::exp(-0.03 * 20), 1e-6);
}

TEST_F(LikenessTest, object_in_another_channel_is_found_where_it_stands) {
  const ObjectFound first = found(0.03), own = find_object_there(object, plane(0.04), first);
  EXPECT_EQ(own.how, "");
  EXPECT_EQ(own.row, first.row);
  EXPECT_EQ(own.column, first.column);
  EXPECT_EQ(own.steps.size(), 3u);
}

TEST_F(LikenessTest, channel_without_the_object_is_told) {
  const TruePlane empty{100, 100, std::vector<float>(100 * 100, 1.0f)};
  EXPECT_EQ(find_object_there(object, empty, found(0.03)).how, "absent");
}

TEST_F(LikenessTest, lower_energy_is_darker) { EXPECT_TRUE(is_darker(found(0.04), found(0.03))); }

TEST_F(LikenessTest, channels_exchanged_are_not) { EXPECT_FALSE(is_darker(found(0.03), found(0.04))); }

TEST_F(LikenessTest, one_channel_in_place_of_both_is_not) {
  EXPECT_FALSE(is_darker(found(0.03), found(0.03)));
}

TEST_F(LikenessTest, steps_that_are_opaque_at_both_say_nothing) {
  const ObjectFound dark{.steps = {0.01, 0.002, 0}}, darker{.steps = {0.02, 0.001, 0}};
  EXPECT_TRUE(is_darker(dark, darker));
}

}  // namespace
}  // namespace garita::conformance
