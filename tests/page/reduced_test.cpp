// A copy that shows a plane no finer than its overview is looked at all the same: as coarse as it is, in its
// true size, and marked.
#include "core/exchange/policy/redacting.hpp"
#include "core/host/render.hpp"
#include "core/host/view_planes.hpp"
#include "tests/page/page_fixture.hpp"

namespace garita::host::testing {
namespace {

constexpr uint64_t rows = 2200;  // two overviews
constexpr uint32_t columns = 700;

class Reduced : public Page {
 protected:
  void SetUp() override {
    v1::View& side = view();
    side.add_channels()->set_kind(v1::Channel::KIND_HIGH);
    side.add_channels()->set_kind(v1::Channel::KIND_LOW);
    v1::PixelRun& dead = *side.mutable_channels(0)->add_dead_pixels();
    dead.set_rows(rows), dead.set_first_column(3), dead.set_columns(2);
    const auto high = [](uint64_t row, uint32_t column) {
      return static_cast<uint16_t>(30000 + row + column);
    };
    const auto low = [](uint64_t row, uint32_t column) {
      return static_cast<uint16_t>(20000 + row + 2 * column);
    };
    write_package({{"side", "high", rows, columns, high}, {"side", "low", rows, columns, low}});
  }
  OpenPackage copy(const std::string& planes) {
    const auto policy = exchange::parse_sharing(
        "schema = \"garita.sharing/1\"\n[[rule]]\nto = [\"us\"]\npurpose = [\"risk\"]\nclasses = "
        "[\"technical\"]\n" +
            planes,
        "sharing.toml");
    EXPECT_TRUE(policy.problems.empty());
    const auto made =
        exchange::redact_for(folder / "x.garita", folder / "copy.garita", policy.policy, "us", "risk");
    EXPECT_TRUE(made) << (made ? "" : made.error().id);
    return *open_package(folder / "copy.garita");
  }
  static std::vector<uint16_t> row_of(const picture::Plane& plane, uint64_t row) {
    std::vector<uint16_t> out(plane.columns);
    EXPECT_TRUE(plane.read(row, out));
    return out;
  }
};

TEST_F(Reduced, finest_overview_that_is_there_stands_for_each_plane) {
  OpenPackage package = copy("planes = \"reduced\"\nfactor = 4\n");
  const auto planes = planes_of(package, 0, Numbers::exact);
  ASSERT_TRUE(planes);
  EXPECT_EQ(planes->reduction, 4u);
  EXPECT_EQ(planes->channel, "high");
  EXPECT_EQ(planes->shown.plane.rows, rows / 4);
  EXPECT_EQ(planes->shown.plane.columns, columns / 4);
  // The mean of rows 40 to 43 and columns 8 to 11.
  EXPECT_EQ(row_of(planes->shown.plane, 10)[2], 30051);
  ASSERT_TRUE(planes->shown.low);
  EXPECT_EQ(row_of(*planes->shown.low, 10)[2], 20061);
}

TEST_F(Reduced, it_keeps_its_size_in_metres_and_marks_of_no_other_place) {
  OpenPackage package = copy("planes = \"reduced\"\nfactor = 16\n");
  const auto planes = planes_of(package, 0, Numbers::stretched);
  ASSERT_TRUE(planes);
  EXPECT_EQ(planes->reduction, 16u);
  EXPECT_DOUBLE_EQ(planes->shown.geometry.pitch_along_m, 0.004 * 16);
  EXPECT_DOUBLE_EQ(planes->shown.geometry.pitch_across_m, 0.005 * 16);
  EXPECT_TRUE(planes->shown.masks.dead_columns.empty());
  OpenPackage whole = *open_package(folder / "x.garita");
  EXPECT_EQ(planes_of(whole, 0, Numbers::stretched)->shown.masks.dead_columns.size(), 2u)
      << "there they count";
}

TEST_F(Reduced, picture_and_page_show_it) {
  OpenPackage package = copy("planes = \"reduced\"\nfactor = 4\n");
  const auto picture = render_view(package, 0, {.furniture = false});
  ASSERT_TRUE(picture) << picture.error().id;
  EXPECT_GE(picture->header.width, rows / 4);
  const auto written = write_page(package, folder / "page.html", {});
  ASSERT_TRUE(written);
  const nlohmann::json shown = model(*base::read_text_file(folder / "page.html", 1u << 30));
  ASSERT_EQ(shown["views"].size(), 1u) << shown;
  EXPECT_EQ(shown["views"][0]["averaged"], 4);
}

TEST_F(Reduced, what_is_too_coarse_to_tell_materials_is_grey) {
  OpenPackage fine = copy("planes = \"reduced\"\nfactor = 4\n");
  EXPECT_EQ(render_view(fine, 0, {})->header.kind, picture::PngKind::rgb8);
  (void)base::real_file_system().remove(folder / "copy.garita");
  OpenPackage coarse = copy("planes = \"reduced\"\nfactor = 16\n");
  EXPECT_EQ(render_view(coarse, 0, {})->header.kind, picture::PngKind::grey8);
}

TEST_F(Reduced, nothing_is_shown_where_nothing_is_there) {
  OpenPackage package = copy("planes = \"withheld\"\n");
  EXPECT_FALSE(render_view(package, 0, {}));
}

}  // namespace
}  // namespace garita::host::testing
