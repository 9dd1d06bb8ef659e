// Colours by what somebody who knows the device says of each ray.
#include <gtest/gtest.h>

#include <cmath>

#include "core/picture/picture.hpp"

namespace garita::picture {
namespace {

struct Pixel {
  int red, green, blue;
};

// Both energies see the same plane; its left half lets half through, its right half nothing.
class Look : public ::testing::Test {
 protected:
  Look() {
    const auto rows = [](uint64_t row, std::span<uint16_t> out) -> base::Result<void> {
      for (uint16_t& sample : out)
        sample = row < 400 ? static_cast<uint16_t>(canonical_opaque + canonical_span / 2) : canonical_opaque;
      return {};
    };
    view.plane = {800, 640, rows};
    view.low = view.plane;
    request.colours = Colours::dual;
    request.window = {Window::Scale::linear, false, 0, 1};
  }

  Pixel at(MaterialLook look, uint32_t x) {
    request.material_look = [look](float high, float) {
      return high > 5 ? MaterialLook{MaterialLook::Kind::opaque, 1} : look;
    };
    const auto image = render(view, request);
    EXPECT_TRUE(image) << image.error().id;
    if (!image) return {};
    const uint8_t* pixel = image->samples.data() + (size_t{300} * image->header.width + x) * 3;
    return {pixel[0], pixel[1], pixel[2]};
  }
  Pixel told(float place) { return at({MaterialLook::Kind::told, place}, 200); }

  View view;
  Request request{.furniture = false};
};

TEST_F(Look, organic_is_orange_light_is_green_and_metal_is_blue) {
  const Pixel organic = told(0), light = told(1), metal = told(2);
  EXPECT_TRUE(organic.red > organic.green && organic.green > organic.blue);
  EXPECT_TRUE(light.green > light.red && light.green > light.blue);
  EXPECT_TRUE(metal.blue > metal.green && metal.green > metal.red);
}

TEST_F(Look, untold_is_grey_and_opaque_is_black) {
  const Pixel untold = at({MaterialLook::Kind::untold, 0}, 200);
  EXPECT_EQ(untold.red, untold.green);
  EXPECT_EQ(untold.green, untold.blue);
  EXPECT_GT(untold.red, 100);
  const Pixel opaque = at({}, 600);
  EXPECT_EQ(opaque.red + opaque.green + opaque.blue, 0);
}

TEST_F(Look, legend_says_what_is_not_told) {
  request.furniture = true;
  request.material_look = [](float, float) { return MaterialLook{}; };
  const auto calibrated = render(view, request);
  request.material_look = {};
  const auto nominal = render(view, request);
  ASSERT_TRUE(calibrated && nominal);
  ASSERT_EQ(calibrated->samples.size(), nominal->samples.size());
  const size_t legend = calibrated->samples.size() - size_t{40} * calibrated->header.width * 3;
  EXPECT_FALSE(std::equal(calibrated->samples.begin() + static_cast<ptrdiff_t>(legend),
                          calibrated->samples.end(),
                          nominal->samples.begin() + static_cast<ptrdiff_t>(legend)));
}

}  // namespace
}  // namespace garita::picture
