#include "core/picture/picture.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "core/picture/drawing/dual.hpp"
#include "core/picture/drawing/furniture.hpp"
#include "core/picture/drawing/region.hpp"
#include "core/picture/drawing/window.hpp"

namespace garita::picture {
namespace {

class Picture : public ::testing::Test {
 protected:
  // A plane that is bright but for a dark mark at the front, top (row 0, column 0), an eighth of each side.
  void make(uint64_t rows, uint32_t columns, double mark = 0.05) {
    view.plane = {rows, columns, [=](uint64_t row, std::span<uint16_t> out) -> base::Result<void> {
                    for (uint32_t column = 0; column < columns; ++column)
                      out[column] = stored(row < rows / 8 && column < columns / 8 ? mark : 0.9);
                    return {};
                  }};
  }
  static uint16_t stored(double t) {
    return static_cast<uint16_t>(std::lround(canonical_opaque + canonical_span * t));
  }

  PngImage drawn() {
    auto image = render(view, request);
    EXPECT_TRUE(image) << image.error().id;
    return image ? *image : PngImage{};
  }
  std::string refusal() {
    const auto image = render(view, request);
    return image ? "accepted" : image.error().id;
  }
  static uint8_t grey_at(const PngImage& image, uint32_t x, uint32_t y) {
    return image.samples[size_t{y} * image.header.width + x];
  }

  View view;
  Request request{.furniture = false};
};

TEST_F(Picture, stands_upright_with_the_front_at_the_left_and_column_0_on_top) {
  make(800, 640);
  const PngImage image = drawn();
  ASSERT_EQ(image.header.width, 800u);
  ASSERT_EQ(image.header.height, 640u);
  EXPECT_LT(grey_at(image, 10, 10), 30);    // the mark
  EXPECT_GT(grey_at(image, 789, 10), 225);  // rear, top
  EXPECT_GT(grey_at(image, 10, 629), 225);  // front, bottom
}

TEST_F(Picture, has_square_pixels_in_metres) {
  make(700, 700);
  view.geometry = {0.004, 0.008};  // columns lie twice as far apart as rows
  const PngImage image = drawn();
  EXPECT_EQ(image.header.width, 700u);
  EXPECT_EQ(image.header.height, 1400u);
  EXPECT_DOUBLE_EQ(image.header.metres_per_pixel_x, 0.004);
}

TEST_F(Picture, of_a_long_scan_is_at_most_as_long_as_asked) {
  make(100'000, 64);
  request.max_length = 1000;
  const PngImage image = drawn();
  EXPECT_EQ(image.header.width, 1000u);
  EXPECT_GE(image.header.height, 64u);  // and still to be read
  EXPECT_LT(grey_at(image, 5, 3), 30);
}

TEST_F(Picture, of_a_small_frame_is_enlarged_by_a_whole_factor) {
  make(100, 80);
  const PngImage image = drawn();
  EXPECT_EQ(image.header.width, 600u);
  EXPECT_EQ(image.header.height, 480u);
}

TEST_F(Picture, of_one_pixel_is_drawn) {
  make(1, 1);
  EXPECT_EQ(drawn().header.width, 8u);
  request.furniture = true;
  request.caption = "one pixel";
  EXPECT_GE(drawn().header.width, 640u);
}

TEST_F(Picture, with_furniture_is_larger_than_without_and_titled) {
  make(900, 300);
  const PngImage bare = drawn();
  request.furniture = true;
  request.caption =
      "Veh\xc3\xad"
      "culo 7";
  const PngImage whole = drawn();
  EXPECT_GT(whole.header.height, bare.header.height + 40);
  EXPECT_GT(whole.header.width, bare.header.width);
  ASSERT_EQ(whole.header.texts.size(), 1u);
  EXPECT_EQ(whole.header.texts[0].second, "Vehiculo 7");
}

TEST_F(Picture, scale_bar_is_drawn_only_where_the_pitch_is_known) {
  make(900, 300);
  request.furniture = true;
  const PngImage without = drawn();
  view.geometry = {0.005, 0.005};
  const PngImage with = drawn();
  ASSERT_EQ(with.header.width, without.header.width);
  // Light and dark halves of the bar stand in the right half below the image, where else is paper.
  const auto dark = [](const PngImage& image) {
    size_t count = 0;
    for (uint32_t y = image.header.height - 40; y < image.header.height; ++y)
      for (uint32_t x = image.header.width * 3 / 4; x < image.header.width; ++x)
        count += grey_at(image, x, y) < 100;
    return count;
  };
  EXPECT_EQ(dark(without), 0u);
  EXPECT_GT(dark(with), 200u);
}

TEST_F(Picture, in_inverse_is_dark_where_it_was_light) {
  make(800, 640);
  request.window = {Window::Scale::linear, false, 0, 1};
  const PngImage plain = drawn();
  request.window.inverse = true;
  const PngImage inverse = drawn();
  for (const auto& [x, y] : {std::pair{10u, 10u}, {789u, 10u}, {10u, 629u}})
    EXPECT_NEAR(grey_at(plain, x, y) + grey_at(inverse, x, y), 255, 1);
}

TEST_F(Picture, with_a_gamma_above_1_lifts_what_is_dark) {
  make(800, 640, 0.25);
  request.window = {Window::Scale::linear, false, 0, 1};
  EXPECT_NEAR(grey_at(drawn(), 10, 10), 255 * 0.25, 1);
  request.window.gamma = 2;
  EXPECT_NEAR(grey_at(drawn(), 10, 10), 255 * 0.5, 1);
}

TEST_F(Picture, of_a_region_is_that_part_alone) {
  make(800, 640);  // the mark is 100 x 80
  request.region = Region{50, 100, 40, 80};
  request.window = {Window::Scale::linear, false, 0, 1};
  const PngImage image = drawn();
  const uint32_t grown = image.header.width / 100;  // enlarged by a whole factor
  ASSERT_EQ(image.header.height, 80 * grown);
  EXPECT_LT(grey_at(image, 49 * grown, 39 * grown), 30);   // the mark's far corner
  EXPECT_GT(grey_at(image, 50 * grown, 39 * grown), 200);  // right behind it
  EXPECT_GT(grey_at(image, 49 * grown, 40 * grown), 200);
}

TEST_F(Picture, of_a_region_takes_the_marks_of_its_part) {
  make(800, 640);
  view.masks.dead_columns = {3, 60, 639};
  view.masks.lost_rows = {0, 70};
  const auto part = part_of(view, Region{50, 100, 40, 80});
  ASSERT_TRUE(part);
  EXPECT_EQ(part->masks.dead_columns, std::vector<uint32_t>{20});
  EXPECT_EQ(part->masks.lost_rows, std::vector<uint64_t>{20});
}

TEST_F(Picture, of_a_region_that_leaves_the_plane_is_refused) {
  make(800, 640);
  for (const Region& region : {Region{0, 801, 0, 1}, Region{800, 1, 0, 1}, Region{0, 0, 0, 1}, Region{0, 1, 640, 1},
                               Region{0, 1, 1, 640}, Region{1, UINT64_MAX, 0, 1}}) {
    request.region = region;
    EXPECT_EQ(refusal(), "picture.region_outside");
  }
}

TEST_F(Picture, in_pseudo_colour_has_colours_that_grow_lighter) {
  make(800, 640);
  request.colours = Colours::pseudo;
  request.window = {Window::Scale::linear, false, 0, 1};
  const PngImage image = drawn();
  ASSERT_EQ(image.header.kind, PngKind::rgb8);
  const size_t bright = 3 * (size_t{10} * image.header.width + 789);
  const Rgb expected = pseudo_colour(0.9F);
  EXPECT_NEAR(image.samples[bright], expected.red, 1);
  EXPECT_NEAR(image.samples[bright + 2], expected.blue, 1);
}

TEST(PseudoColour, luminance_never_falls) {
  double before = -1;
  for (int i = 0; i <= 255; ++i) {
    const Rgb colour = pseudo_colour(static_cast<float>(i) / 255);
    const double luminance = 0.2126 * colour.red + 0.7152 * colour.green + 0.0722 * colour.blue;
    EXPECT_GT(luminance, before - 0.5) << i;
    before = luminance;
  }
  EXPECT_GT(before, 240);
}

TEST(BrightnessOfAWindow, is_undone_by_transmission_of) {
  for (const auto scale : {Window::Scale::linear, Window::Scale::logarithmic})
    for (const bool inverse : {false, true}) {
      Window window{scale, false, 0.02, 0.8};
      window.gamma = 1.7, window.inverse = inverse;
      const Brightness brightness(window);
      for (const float t : {0.03F, 0.2F, 0.7F}) EXPECT_NEAR(brightness.transmission_of(brightness(t)), t, 1e-4);
    }
}

TEST_F(Picture, of_two_energies_colours_organic_orange_inorganic_green_and_metal_blue) {
  const MaterialCurves curves(6000, 4000);
  const Material materials[] = {organic, inorganic, metal};
  const float high_attenuation = 1.2F;
  const auto plane = [&](bool low) {
    return Plane{300, 900, [=](uint64_t, std::span<uint16_t> out) -> base::Result<void> {
                   for (uint32_t column = 0; column < 900; ++column) {
                     const float a =
                         low ? curves.low_of(materials[column / 300], high_attenuation) : high_attenuation;
                     out[column] = stored(std::exp(-a));
                   }
                   return {};
                 }};
  };
  view.plane = plane(false);
  view.low = plane(true);
  view.high_energy_kev = 6000, view.low_energy_kev = 4000;
  request.colours = Colours::dual;
  request.window = {Window::Scale::logarithmic, false, 0.01, 1};
  const PngImage image = drawn();
  ASSERT_EQ(image.header.kind, PngKind::rgb8);
  const auto at = [&](uint32_t y) { return &image.samples[(size_t{y} * image.header.width + 150) * 3]; };
  EXPECT_GT(at(150)[0], at(150)[1]);  // orange: red over green over blue
  EXPECT_GT(at(150)[1], at(150)[2]);
  EXPECT_GT(at(450)[1], at(450)[0]);  // green over red and blue
  EXPECT_GT(at(450)[1], at(450)[2]);
  EXPECT_GT(at(750)[2], at(750)[0]);  // blue over red and green
  EXPECT_GT(at(750)[2], at(750)[1]);
}

TEST_F(Picture, refusals_name_their_cause) {
  EXPECT_EQ(refusal(), "picture.empty_plane");
  make(10, 10);
  request.colours = Colours::dual;
  EXPECT_EQ(refusal(), "picture.no_low_channel");
  view.low = view.plane;
  view.low->rows = 9;
  EXPECT_EQ(refusal(), "picture.planes_differ");
}

TEST_F(Picture, gives_the_readers_error_on) {
  make(10, 10);
  view.plane.read = [](uint64_t, std::span<uint16_t>) -> base::Result<void> {
    return base::Error{base::Outcome::no, "package.withheld", {}, 0};
  };
  EXPECT_EQ(refusal(), "package.withheld");
}

// ---- Window
// --------------------------------------------------------------------------------------------------------

TEST(Window, linear_goes_from_black_to_white_and_is_cut_outside) {
  const Brightness brightness({Window::Scale::linear, false, 0.2, 0.6});
  EXPECT_FLOAT_EQ(brightness(0.2F), 0);
  EXPECT_FLOAT_EQ(brightness(0.4F), 0.5);
  EXPECT_FLOAT_EQ(brightness(0.7F), 1);
  EXPECT_FLOAT_EQ(brightness(-1), 0);
}

TEST(Window, logarithmic_gives_each_halving_the_same_step) {
  const Brightness brightness({Window::Scale::logarithmic, false, 0.0625, 1});
  EXPECT_NEAR(brightness(0.5F), 0.75, 1e-6);
  EXPECT_NEAR(brightness(0.25F), 0.5, 1e-6);
  EXPECT_EQ(brightness(0), 0);
}

TEST(Window, automatic_takes_the_open_beam_as_white_and_ignores_a_bright_speck) {
  cv::Mat1f image(100, 100, 0.95F);
  image(cv::Rect(0, 0, 50, 100)) = 0.01F;
  image(0, 99) = 9;
  const Window window = fitted({}, image);
  EXPECT_FALSE(window.automatic);
  EXPECT_NEAR(window.high, 0.95, 1e-6);
  EXPECT_NEAR(window.low, 0.01, 1e-6);
}

TEST(Window, automatic_of_an_empty_or_an_opaque_picture_is_sane) {
  for (const float value : {-0.01F, 0.0F, 1.0F, 1.1F})
    for (const Window::Scale scale : {Window::Scale::linear, Window::Scale::logarithmic}) {
      const Window window = fitted({scale}, cv::Mat1f(20, 20, value));
      EXPECT_LT(window.low, window.high) << value;
    }
}

TEST(Window, given_is_left_as_it_is) {
  const Window window = fitted({Window::Scale::linear, false, 0.1, 0.3}, cv::Mat1f(9, 9, 1.0F));
  EXPECT_EQ(window.low, 0.1);
  EXPECT_EQ(window.high, 0.3);
}

// ---- Materials
// -----------------------------------------------------------------------------------------------------

TEST(Materials, each_lies_on_its_own_curve_at_megavolts_and_kilovolts) {
  for (const auto& [high, low] :
       {std::pair{6000.0, 4000.0}, {9000.0, 6000.0}, {160.0, 160.0}, {160.0, 80.0}, {0.0, 0.0}}) {
    const MaterialCurves curves(high, low);
    for (const Material material : {organic, inorganic, metal})
      for (const float a : {0.1F, 0.5F, 1.0F, 2.0F, 4.0F})
        EXPECT_NEAR(curves.place(a, curves.low_of(material, a)), material, 0.01)
            << high << "/" << low << " a " << a;
  }
}

TEST(Materials, between_two_curves_lies_between) {
  const MaterialCurves curves(6000, 4000);
  const float between = (curves.low_of(inorganic, 1) + curves.low_of(metal, 1)) / 2;
  EXPECT_NEAR(curves.place(1, between), 1.5, 0.01);
}

TEST(Materials, of_nonsense_are_in_range) {
  const MaterialCurves curves(6000, 4000);
  for (const float high : {-5.0F, 0.0F, 1e-9F, 100.0F})
    for (const float low : {-5.0F, 0.0F, 100.0F}) {
      const float place = curves.place(high, low);
      EXPECT_GE(place, -0.5F);
      EXPECT_LE(place, 2.5F);
    }
}

TEST(Materials, of_no_certainty_are_grey) {
  const cv::Vec3b colour = vec(material_colour(0.5F, 0, 0));
  EXPECT_EQ(colour[0], colour[1]);
  EXPECT_EQ(colour[1], colour[2]);
}

// ---- Furniture
// -----------------------------------------------------------------------------------------------------

TEST(Furniture, letters_lose_their_accents_and_nothing_else) {
  EXPECT_EQ(plain_letters("Camión año ÁÉÍÓÚÜÑ ¿qué? 5 µm³"), "Camion ano AEIOUUN ?que? 5 um3");
  EXPECT_EQ(plain_letters("a · b — c … 漢"), "a - b - c ... ?");
  EXPECT_EQ(plain_letters("bad \xff\xc3 end\n"), "bad ?? end ");
}

TEST(Furniture, scale_is_a_round_length) {
  EXPECT_DOUBLE_EQ(round_length(9.9), 5);
  EXPECT_DOUBLE_EQ(round_length(5), 5);
  EXPECT_DOUBLE_EQ(round_length(4.9), 2);
  EXPECT_DOUBLE_EQ(round_length(1.2), 1);
  EXPECT_DOUBLE_EQ(round_length(0.034), 0.02);
  EXPECT_EQ(round_length(0), 0);
}

TEST(Furniture, around_pictures_of_every_shape_keeps_the_image_whole) {
  for (const cv::Size size : {cv::Size(1, 1), {10, 2000}, {2000, 10}, {640, 480}, {4096, 700}}) {
    const cv::Mat3b image(size, cv::Vec3b(200, 10, 30));
    Furniture furniture{
        .caption = std::string(300, 'W'), .window = {}, .materials = true, .metres_per_pixel = 0.005};
    const cv::Mat3b page = furnish(image, furniture);
    cv::Mat1b same;
    cv::inRange(page, cv::Scalar(200, 10, 30), cv::Scalar(200, 10, 30), same);
    EXPECT_EQ(cv::countNonZero(same), size.area()) << size;
  }
}

}  // namespace
}  // namespace garita::picture
