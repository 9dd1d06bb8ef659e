// A whole painted object, found by its marker: every figure is what was painted, within its own U.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "conformance/quality/plot.hpp"
#include "conformance/quality/report.hpp"
#include "core/base/testing/temporary_folder.hpp"
#include "tests/quality/painted.hpp"
#include "tests/quality/truth.hpp"

namespace garita::quality {
namespace {

constexpr double pitch_x = 0.8, pitch_y = 1.0, noise = 250;
constexpr const char* text = R"(
name = "painted"
open = [[0, 0, 4000, 40], [160, 110, 235, 180]]
noise_lp_mm = 0.25

[marker]
corner = [10, 10, 35, 35]
along_x = [75, 10, 100, 35]
along_y = [10, 65, 35, 90]

[rectangle]
place = [145, 5, 235, 95]
width_mm = 60
height_mm = 60

[extent]
sides = ["left", "right", "top", "bottom"]
distances_mm = [1, 5]
dynamic_range = 100

[[step]]
thickness_mm = 10
place = [12, 112, 38, 178]
[[step]]
thickness_mm = 20
place = [42, 112, 68, 178]
[[step]]
thickness_mm = 40
place = [72, 112, 98, 178]

[[material]]
name = "steel"
place = [42, 112, 68, 178]
[[material]]
name = "organic"
place = [102, 112, 148, 178]
)";

// Transmission of the steps at both energies; organic as opaque as the first step at the high one.
constexpr double high[] = {0.7, 0.49, 0.24, 0.6}, low[] = {0.5, 0.25, 0.0625, 0.55};

Image image_of(const double (&transmission)[4], std::mt19937_64& random) {
  Painted own(190, 300);
  const auto mm = [&](double x0, double y0, double x1, double y1, double t) {
    own.rectangle(x0 / pitch_x, y0 / pitch_y, x1 / pitch_x, y1 / pitch_y, t);
  };
  for (const auto& [x, y] : {std::pair{10, 10}, {75, 10}, {10, 65}}) mm(x, y, x + 25, y + 25, 0.5);
  mm(160, 20, 220, 80, 0.6);
  for (int i = 0; i < 3; ++i) mm(10 + 30 * i, 110, 40 + 30 * i, 180, transmission[i]);
  mm(100, 110, 150, 180, transmission[3]);
  return own.image(noise, random);
}

class Whole : public ::testing::Test {
 protected:
  Measured measured(uint64_t seed = 7) {
    std::mt19937_64 random(seed);
    image = image_of(high, random);
    const Image second = image_of(low, random);
    auto own = measure(image, &second, object);
    EXPECT_TRUE(own) << own.error().id << own.error().field("part");
    return own ? std::move(*own) : Measured{};
  }
  static Value value_of(const Measured& all, const std::string& id) {
    for (const Figure& figure : all.figures)
      if (figure.id == id) return {figure.value, figure.u, figure.at_least};
    ADD_FAILURE() << id << " was not measured";
    return {};
  }

  const Object object = *parse_object(text, "painted.toml");
  Image image;
};

TEST_F(Whole, painted_object_measures_as_it_was_painted) {
  const Measured own = measured();
  EXPECT_TRUE(within(value_of(own, "pitch.x"), pitch_x));
  EXPECT_TRUE(within(value_of(own, "pitch.y"), pitch_y));
  EXPECT_EQ(value_of(own, "mirrored").value, 0);
  EXPECT_TRUE(within(value_of(own, "flatness"), 1 - noise / 50000));
  EXPECT_TRUE(within(value_of(own, "nps.x"), noise * noise * pitch_x));
  EXPECT_TRUE(within(value_of(own, "dynamic_range"), 50000 / noise));
  EXPECT_TRUE(within(value_of(own, "aspect"), 1 - pitch_x / pitch_y));
  EXPECT_TRUE(within(value_of(own, "material.steel"), std::log(0.25) / std::log(0.49)));
  EXPECT_TRUE(within(value_of(own, "material.organic"), std::log(0.55) / std::log(0.6)));
  EXPECT_GT(value_of(own, "discrimination").value, 10);
  EXPECT_EQ(value_of(own, "extent").value, 1);
}

TEST_F(Whole, wedge_that_is_seen_to_its_end_is_at_least_that_thick) {
  const Value own = value_of(measured(), "penetration");
  EXPECT_EQ(own.value, 40);
  EXPECT_TRUE(own.at_least);
}

TEST_F(Whole, object_takes_the_open_field_that_lies_in_the_image) {
  for (const Region& region : measured().regions)
    if (region.kind == Region::Kind::open) {
      EXPECT_NEAR(static_cast<double>(region.place.row0), 110, 2);
    }
}

TEST_F(Whole, part_that_lies_outside_is_named) {
  std::mt19937_64 random(7);
  Object other = object;
  other.steps.back().place.x1 = 4000;
  const auto own = measure(image_of(high, random), nullptr, other);
  ASSERT_FALSE(own);
  EXPECT_EQ(own.error().id, "quality.off_image");
  EXPECT_EQ(own.error().field("part"), "step.40");
}

TEST_F(Whole, measurement_is_the_same_twice) {
  EXPECT_EQ(json_of(measured(3), {}, {}), json_of(measured(3), {}, {}));
}

TEST_F(Whole, planes_of_two_sizes_are_refused) {
  std::mt19937_64 random(7);
  const Image one = image_of(high, random), other = Painted(20, 20).image(1, random);
  EXPECT_EQ(measure(one, &other, object).error().id, "quality.planes_differ");
}

TEST_F(Whole, report_names_value_u_and_method_in_both_languages) {
  const Measured own = measured();
  const Profile profile = *parse_profile(
      "decision = \"guard_band\"\n[[limit]]\nfigure = \"penetration\"\nmin = 30\n[[limit]]\n"
      "figure = \"pitch.x\"\nmax = 0.8",
      "p.toml");
  const auto limits = judged(profile, own);
  EXPECT_EQ(limits.at(0).verdict, Verdict::pass);
  EXPECT_EQ(worst(limits), limits.at(1).verdict);
  const auto json = nlohmann::json::parse(json_of(own, limits, {"painted", "p", Rule::guard_band, 0}));
  EXPECT_EQ(json["placement"]["by"], "marker");
  EXPECT_EQ(json["limits"].size(), 2u);
  for (const auto& figure : json["figures"]) {
    EXPECT_EQ(figure["k"], 2);
    EXPECT_FALSE(figure["method"].get<std::string>().empty());
  }
  EXPECT_NE(table(own, limits, {}, base::Language::en).find("sub-regions"), std::string::npos);
  EXPECT_NE(table(own, limits, {}, base::Language::es).find("subregiones"), std::string::npos);
}

TEST_F(Whole, plots_are_pictures_and_say_what_they_show) {
  const Measured own = measured();
  const base::testing::TemporaryFolder folder;
  const auto plots = plots_of(own, base::Language::es);
  EXPECT_EQ(plots.size(), 3u);  // noise along x and y, the steps
  for (const Plot& plot : plots) {
    EXPECT_NE(svg_of(plot).find(plot.title), std::string::npos);
    const std::string path = folder / (plot.name + ".png");
    ASSERT_TRUE(picture::write_png(path, png_of(plot)));
    const auto back = picture::read_png(path);
    ASSERT_TRUE(back);
    EXPECT_GT(std::count(back->samples.begin(), back->samples.end(), 0), 1000);  // ink
  }
}

TEST_F(Whole, picture_of_the_regions_has_their_colours) {
  const Measured own = measured();
  const auto picture = regions_picture(image, own.regions);
  EXPECT_EQ(picture.header.width, image.columns);
  const Region& marker = own.regions.front();
  ASSERT_EQ(marker.kind, Region::Kind::marker);
  const size_t at = (marker.place.row0 * image.columns + marker.place.column0) * 3;
  EXPECT_EQ(picture.samples[at], 255);
  EXPECT_EQ(picture.samples[at + 1], 140);
  EXPECT_EQ(picture.samples[at + 2], 0);
}

TEST(Plot, of_nothing_or_of_strange_values_is_still_a_plot) {
  Plot plot{"a", "b & <c>", "x", "y", {0, 1}, {1e308, 1e308}, {1e308, 0}};
  EXPECT_NE(svg_of(plot).find("b &amp; &lt;c&gt;"), std::string::npos);
  EXPECT_EQ(png_of(plot).header.width, 1200u);
  EXPECT_EQ(png_of(Plot{}).header.height, 800u);
}

}  // namespace
}  // namespace garita::quality
