// The object is found by its marker, to a fraction of a pixel, whatever the pitch; a mirror image is told.
#include <gtest/gtest.h>

#include "conformance/quality/marker.hpp"
#include "tests/quality/painted.hpp"
#include "tests/quality/truth.hpp"

namespace garita::quality {
namespace {

// Squares of 25 mm, 65 mm and 55 mm apart, y downward; the corner at (30, 20).
Object object() {
  return *parse_object(R"(
[marker]
corner = [30, 20, 55, 45]
along_x = [95, 20, 120, 45]
along_y = [30, 75, 55, 100]
)",
                       "object.toml");
}

struct Sight {
  double pitch_x_mm, pitch_y_mm, x_mm = 0, y_mm = 0;  // where the object's zero lies
};

Painted painted(const Sight& sight) {
  Painted own(160, 200);
  const Object whole = object();
  for (const Rectangle& square : *whole.marker)
    own.rectangle((sight.x_mm + square.x0) / sight.pitch_x_mm, (sight.y_mm + square.y0) / sight.pitch_y_mm,
                  (sight.x_mm + square.x1) / sight.pitch_x_mm, (sight.y_mm + square.y1) / sight.pitch_y_mm,
                  0.4);
  return own;
}

// Among things that are no marker: a long one, a lone square.
Image cluttered(const Sight& sight, double noise, std::mt19937_64& random) {
  Painted own = painted(sight);
  own.rectangle(5, 140, 190, 146, 0.2);
  own.rectangle(170, 100, 180, 110, 0.3);
  return own.image(noise, random);
}

class Pitches : public testing::TestWithParam<Sight> {};

TEST_P(Pitches, of_a_marker_lie_within_their_u) {
  const Sight sight = GetParam();
  EXPECT_GE(coverage(20,
                     [&](std::mt19937_64& random) {
                       const auto own = find_marker(cluttered(sight, 500, random), object());
                       return own && within({own->frame.pitch_x_mm(), own->u_pitch_x_mm}, sight.pitch_x_mm) &&
                              within({own->frame.pitch_y_mm(), own->u_pitch_y_mm}, sight.pitch_y_mm);
                     }),
            0.9);
}

TEST_P(Pitches, and_places_are_known_to_a_fifth_of_a_pixel) {
  const Sight sight = GetParam();
  std::mt19937_64 random(7);
  const auto own = find_marker(cluttered(sight, 300, random), object());
  ASSERT_TRUE(own);
  EXPECT_FALSE(own->x_mirrored || own->y_mirrored);
  const Rectangle square = object().marker->at(0);
  const auto pixels = own->frame.pixels(square);  // the whole ones inside
  ASSERT_TRUE(pixels);
  EXPECT_NEAR(static_cast<double>(pixels->column0), (sight.x_mm + square.x0) / sight.pitch_x_mm, 1.2);
  EXPECT_NEAR(static_cast<double>(pixels->row1), (sight.y_mm + square.y1) / sight.pitch_y_mm, 1.2);
}

INSTANTIATE_TEST_SUITE_P(Sights, Pitches,
                         testing::Values(Sight{1, 1}, Sight{0.8, 1.25, 3.3, 11.1}, Sight{1.3, 0.9, 20.5, 7.7},
                                         Sight{5, 6.5, 101, 203}));

TEST(Marker, in_a_mirror_image_is_found_and_told) {
  std::mt19937_64 random(7);
  const Image image = cluttered({1, 1.1}, 300, random);
  const auto own = find_marker(mirrored(image), object());
  ASSERT_TRUE(own);
  EXPECT_TRUE(own->x_mirrored);
  EXPECT_FALSE(own->y_mirrored);
  EXPECT_TRUE(own->mirrored());
}

TEST(Marker, turned_by_half_a_turn_is_no_mirror_image) {
  std::mt19937_64 random(7);
  Image image = cluttered({1, 1.1}, 300, random);
  std::reverse(image.samples.begin(), image.samples.end());
  const auto own = find_marker(image, object());
  ASSERT_TRUE(own);
  EXPECT_TRUE(own->x_mirrored && own->y_mirrored);
  EXPECT_FALSE(own->mirrored());
}

TEST(Marker, of_an_object_that_looks_upward_is_upright_as_seen) {
  std::mt19937_64 random(7);
  Object up = object();
  up.y_up = true;
  const auto own = find_marker(cluttered({1, 1.1}, 300, random), up);
  ASSERT_TRUE(own);
  EXPECT_TRUE(own->y_mirrored);
}

TEST(Marker, in_an_image_with_its_axes_exchanged_is_not_taken_for_another) {
  std::mt19937_64 random(7);
  EXPECT_FALSE(find_marker(exchanged(cluttered({0.8, 0.8}, 300, random)), object()));
}

TEST(Marker, that_is_not_there_is_an_error) {
  std::mt19937_64 random(7);
  Painted two(160, 200);
  two.rectangle(30, 20, 55, 45, 0.4);
  two.rectangle(95, 20, 120, 45, 0.4);
  const auto own = find_marker(two.image(300, random), object());
  ASSERT_FALSE(own);
  EXPECT_EQ(own.error().id, "quality.no_marker");
  EXPECT_FALSE(find_marker(Painted(160, 200).image(3000, random), object()));
  EXPECT_FALSE(find_marker(Image{}, object()));
}

}  // namespace
}  // namespace garita::quality
