#include "core/package/overview.hpp"

#include "tests/package/fixture.hpp"

namespace garita::package::testing {
namespace {

using Image = std::vector<std::vector<uint16_t>>;

// The definition, word for word.
Image smaller(const Image& image) {
  Image out;
  for (size_t row = 0; row < image.size(); row += 4) {
    auto& line = out.emplace_back();
    for (size_t column = 0; column < image[0].size(); column += 4) {
      uint32_t sum = 0, count = 0;
      for (size_t y = row; y < std::min(row + 4, image.size()); ++y) {
        for (size_t x = column; x < std::min(column + 4, image[0].size()); ++x) sum += image[y][x], ++count;
      }
      line.push_back(static_cast<uint16_t>((sum + count / 2) / count));
    }
  }
  return out;
}

Image image_of(const std::vector<std::byte>& pixels, size_t columns) {
  Image image;
  for (size_t at = 0; at < pixels.size(); at += 2) {
    if (at % (columns * 2) == 0) image.emplace_back();
    image.back().push_back(static_cast<uint16_t>(std::to_integer<unsigned>(pixels[at]) |
                                                 std::to_integer<unsigned>(pixels[at + 1]) << 8));
  }
  return image;
}

class OverviewTest : public PackageTest {
 protected:
  // Levels that the file holds after a scan of this size, each compared with the definition.
  size_t levels_of(uint32_t columns, uint64_t rows, bool rear_first = false) {
    return levels_of(columns, rows, noise(rows * columns * 2, 5), rear_first);
  }
  size_t levels_of(uint32_t columns, uint64_t rows, const std::vector<std::byte>& pixels, bool rear_first) {
    files_.clear();
    auto writer = *create();
    const auto plane = writer.add_plane(
        {.view = "side", .channel = "high", .columns = columns, .rows_rear_first = rear_first});
    EXPECT_TRUE(writer.append_rows(*plane, pixels, rows).ok());
    EXPECT_TRUE(writer.finish({}).ok());
    EXPECT_FALSE(verified().fault);
    auto reader = *opened();
    Image expected = image_of(pixels, columns);
    for (const PlaneInfo& overview : reader.overviews()) {
      expected = smaller(expected);
      auto stored = all_rows(reader, overview);
      if (rear_first) stored = flipped(stored, overview.spec.columns * 2);
      EXPECT_EQ(image_of(stored, overview.spec.columns), expected) << "level " << overview.level;
    }
    return reader.overviews().size();
  }
};

TEST_F(OverviewTest, small_planes_have_none) {
  EXPECT_EQ(levels_of(512, 512), 0u);
  EXPECT_EQ(levels_of(1, 1), 0u);
}

TEST_F(OverviewTest, one_row_or_column_more_asks_for_one) {
  EXPECT_EQ(levels_of(512, 513), 1u);
  EXPECT_EQ(levels_of(513, 512), 1u);
  EXPECT_EQ(levels_of(513, 1), 1u);
  EXPECT_EQ(levels_of(3, 2048), 1u);
}

TEST_F(OverviewTest, levels_go_on_until_both_sides_are_small) {
  EXPECT_EQ(levels_of(7, 2049), 2u);
  EXPECT_EQ(levels_of(2049, 3), 2u);
  EXPECT_EQ(levels_of(2, 33000), 4u);
}

TEST_F(OverviewTest, boxes_are_counted_from_the_row_scanned_first) { EXPECT_EQ(levels_of(9, 601, true), 1u); }

TEST_F(OverviewTest, brightest_and_darkest_samples_are_as_exact) {
  constexpr uint32_t columns = 2085, rows = 520;
  for (const unsigned period : {1u, 2u, 3u, 8u, columns}) {
    std::vector<std::byte> pixels(size_t{rows} * columns * 2);
    for (size_t i = 0; i < pixels.size(); ++i)
      pixels[i] = (i / 2 + i / 2 / columns) / period % 2 ? std::byte{0xFF} : std::byte{0};
    EXPECT_EQ(levels_of(columns, rows, pixels, false), 2u) << "period " << period;
  }
}

TEST_F(OverviewTest, overviews_can_be_left_out) {
  WriterOptions options;
  options.overviews = false;
  auto writer = *create(options);
  const auto plane = writer.add_plane({.view = "side", .channel = "high", .columns = 1});
  ASSERT_TRUE(writer.append_rows(*plane, noise(4000, 1), 2000).ok());
  ASSERT_TRUE(writer.finish({}).ok());
  EXPECT_TRUE(opened()->overviews().empty());
}

}  // namespace
}  // namespace garita::package::testing
