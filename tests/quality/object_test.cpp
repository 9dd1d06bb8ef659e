// OBJECT.toml and PROFILE.toml: what they say is what is taken, and what they get wrong is named.
#include <gtest/gtest.h>

#include "conformance/quality/object.hpp"
#include "conformance/quality/profile.hpp"
#include "core/base/file.hpp"

namespace garita::quality {
namespace {

std::string fault_of(const std::string& text) {
  const auto own = parse_object(text, "o.toml");
  return own ? "" : std::string(own.error().field("what"));
}

std::string profile_fault(const std::string& text) {
  const auto own = parse_profile(text, "p.toml");
  return own ? "" : std::string(own.error().field("what"));
}

TEST(ObjectFile, names_its_parts_in_millimetres) {
  const auto own = parse_object(R"(
name = "wedge"
y = "up"
noise_lp_mm = 0.5
open = [0, 0, 10, 10]
[[anchor]]
mm = [0, 0]
pixel = [5, 6]
[[anchor]]
mm = [10, 20]
pixel = [15, 46]
[[step]]
thickness_mm = 3
place = [0, 0, 5, 5]
[[wire]]
diameter_mm = 0.2
place = [1, 1, 2, 2]
[extent]
sides = ["left", "top"]
distances_mm = [1, 5]
dynamic_range = 150
)",
                                "o.toml");
  ASSERT_TRUE(own) << own.error().field("what");
  EXPECT_EQ(own->name, "wedge");
  EXPECT_TRUE(own->y_up);
  EXPECT_EQ(own->anchors.size(), 2u);
  EXPECT_EQ(own->steps.at(0).thickness_mm, 3);
  EXPECT_EQ(own->wires.at(0).diameter_mm, 0.2);
  EXPECT_EQ(own->extent->sides.at(1), Side::top);
}

TEST(ObjectFile, that_is_wrong_says_where) {
  EXPECT_EQ(fault_of("y = \"sideways\""), "y");
  EXPECT_EQ(fault_of("opne = [0, 0, 1, 1]"), "opne");
  EXPECT_EQ(fault_of("open = [1, 0, 0, 1]"), "open");
  EXPECT_EQ(fault_of("open = [0, 0, 1]"), "open");
  EXPECT_EQ(fault_of("open = [0, 0, 1, nan]"), "open");
  EXPECT_EQ(fault_of("open = [0, 0, 1, 1e30]"), "open");
  EXPECT_EQ(fault_of("step = 3"), "step");
  EXPECT_EQ(fault_of("[[edge]]\nname = \"../x\"\nplace = [0, 0, 1, 1]"), "edge.name");
  EXPECT_EQ(fault_of("[[step]]\nthickness_mm = 3\nplace = [0, 0, 1, 1]\n"
                     "[[step]]\nthickness_mm = 3\nplace = [0, 0, 1, 1]"),
            "step.thickness_mm");
  EXPECT_EQ(fault_of("[[step]]\nthickness_mm = 3\nplace = [0, 0, 1, 1]\nlow = [[0, 0, 1, 1]]"), "step.low");
  EXPECT_EQ(fault_of("[extent]\nsides = [\"up\"]\ndistances_mm = [1]\ndynamic_range = 1"), "extent.sides");
  EXPECT_EQ(fault_of("[extent]\nsides = [\"top\"]\ndistances_mm = [5, 1]\ndynamic_range = 1"),
            "extent.distances_mm");
  EXPECT_EQ(fault_of("marker = 5"), "marker");
}

// Each of these ends a program that trusts its parser.
TEST(ObjectFile, whose_table_has_no_name_is_refused) {
  for (const char* text : {"[[[", "[", "[[", "[\n", " [ [", "[=]", "[[\t.a]]", "[#]"})
    EXPECT_FALSE(fault_of(text).empty()) << text;
  EXPECT_EQ(fault_of("open = [\n  [0, 0, 1, 1],\n  [-2, 0, 1, 1]\n]"), "");
}

TEST(ObjectFile, whose_marker_is_no_rectangular_l_is_refused) {
  const std::string corner = "[marker]\ncorner = [0, 0, 5, 5]\n";
  EXPECT_EQ(fault_of(corner + "along_x = [10, 0, 15, 6]\nalong_y = [0, 12, 5, 17]"), "marker");
  EXPECT_EQ(fault_of(corner + "along_x = [10, 1, 15, 6]\nalong_y = [0, 12, 5, 17]"), "marker");
  EXPECT_EQ(fault_of(corner + "along_x = [6, 0, 11, 5]\nalong_y = [0, 12, 5, 17]"), "marker.along_x");
  EXPECT_EQ(fault_of(corner + "along_x = [10, 0, 15, 5]\nalong_y = [0, 12, 5, 17]"), "");
}

TEST(Anchors, that_do_not_span_both_axes_are_refused) {
  EXPECT_FALSE(Frame::from({}));
  EXPECT_FALSE(Frame::from({{0, 0, 0, 0}, {10, 0, 10, 10}}));
  EXPECT_FALSE(Frame::from({{0, 0, 0, 0}, {10, 10, 0, 10}}));
}

TEST(Anchors, place_rectangles_on_whole_pixels_inside) {
  const auto frame = Frame::from({{0, 0, 100, 200}, {10, 10, 120, 180}});  // 0.5 mm a pixel, y upward
  ASSERT_TRUE(frame);
  EXPECT_TRUE(frame->y_reversed());
  const auto pixels = frame->pixels({1, 1, 2.2, 3});
  ASSERT_TRUE(pixels);
  EXPECT_EQ(pixels->column0, 102u);
  EXPECT_EQ(pixels->column1, 104u);
  EXPECT_EQ(pixels->row0, 194u);
  EXPECT_EQ(pixels->row1, 198u);
  EXPECT_FALSE(frame->pixels({-60, 0, -55, 5}));
  EXPECT_FALSE(frame->pixels({1, 1, 1.1, 1.1}));
}

// The samples between ```toml and ``` of README.md.
std::vector<std::string> samples() {
  const auto page = base::read_text_file(GARITA_SOURCE_DIR "/conformance/quality/README.md", 1u << 20);
  std::vector<std::string> own;
  const std::string begin = "```toml\n";
  for (size_t at = 0; page && (at = page->find(begin, at)) != std::string::npos;) {
    at += begin.size();
    own.push_back(page->substr(at, page->find("```", at) - at));
  }
  return own;
}

TEST(Samples, of_the_page_are_understood) {
  ASSERT_EQ(samples().size(), 2u);
  EXPECT_EQ(fault_of(samples()[0]), "");
  EXPECT_EQ(profile_fault(samples()[1]), "");
}

TEST(Samples, that_are_shipped_are_understood) {
  const std::filesystem::path folder = GARITA_SOURCE_DIR "/conformance/quality";
  EXPECT_TRUE(read_object(folder / "objects/common_object.toml"));
  EXPECT_TRUE(read_object(folder / "objects/common_object_below.toml"));
  EXPECT_TRUE(read_profile(folder / "profiles/example.toml"));
}

TEST(ProfileFile, that_is_wrong_says_where) {
  const std::string limit = "\n[[limit]]\nfigure = \"penetration\"\n";
  EXPECT_EQ(profile_fault("name = \"a\"" + limit + "min = 254"), "");
  EXPECT_EQ(profile_fault("name = \"a\""), "limit");
  EXPECT_EQ(profile_fault("decision = \"maybe\"" + limit + "min = 254"), "decision");
  EXPECT_EQ(profile_fault("decision = 1" + limit + "min = 254"), "decision");
  EXPECT_EQ(profile_fault("bsnr_threshold = 0" + limit + "min = 254"), "bsnr_threshold");
  EXPECT_EQ(profile_fault(limit), "limit.penetration");
  EXPECT_EQ(profile_fault(limit + "mn = 254"), "mn");
  EXPECT_EQ(profile_fault(limit + "min = inf"), "min");
  EXPECT_FALSE(profile_fault("= 5").empty());
}

std::vector<Figure> of(double value, double u, bool at_least = false) {
  return {{"f", value, u, "mm", Method::bootstrap, at_least}};
}

TEST(Decision, simple_takes_the_value_alone) {
  EXPECT_EQ(judge({"f", 10, {}}, Rule::simple, of(10, 3)), Verdict::pass);
  EXPECT_EQ(judge({"f", 10, {}}, Rule::simple, of(9.9, 3)), Verdict::fail);
  EXPECT_EQ(judge({"f", {}, 10}, Rule::simple, of(10.1, 3)), Verdict::fail);
  EXPECT_EQ(judge({"f", 5, 10}, Rule::simple, of(7, 3)), Verdict::pass);
  EXPECT_EQ(judge({"other", 5, 10}, Rule::simple, of(7, 3)), Verdict::not_measured);
}

TEST(Decision, with_a_guard_band_is_inconclusive_nearer_than_u) {
  EXPECT_EQ(judge({"f", 10, {}}, Rule::guard_band, of(13, 3)), Verdict::pass);
  EXPECT_EQ(judge({"f", 10, {}}, Rule::guard_band, of(12.9, 3)), Verdict::inconclusive);
  EXPECT_EQ(judge({"f", 10, {}}, Rule::guard_band, of(7, 3)), Verdict::inconclusive);
  EXPECT_EQ(judge({"f", 10, {}}, Rule::guard_band, of(6.9, 3)), Verdict::fail);
}

TEST(Decision, on_a_bound_passes_a_lower_limit_and_never_an_upper_one) {
  EXPECT_EQ(judge({"f", 10, {}}, Rule::simple, of(12, 0, true)), Verdict::pass);
  EXPECT_EQ(judge({"f", 10, {}}, Rule::simple, of(8, 0, true)), Verdict::inconclusive);
  EXPECT_EQ(judge({"f", {}, 10}, Rule::simple, of(8, 0, true)), Verdict::inconclusive);
  EXPECT_EQ(judge({"f", {}, 10}, Rule::simple, of(12, 0, true)), Verdict::fail);
}

}  // namespace
}  // namespace garita::quality
