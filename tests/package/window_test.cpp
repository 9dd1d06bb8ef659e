// A piece of a plane, as somebody looks at a large one.
#include "tests/package/fixture.hpp"

namespace garita::package::testing {
namespace {

class WindowTest : public PackageTest {
 protected:
  static constexpr uint32_t columns = 40;
  static constexpr uint64_t rows = 300;

  void write(bool rear_first) {
    files_.clear();
    auto writer = *create();
    pixels_ = noise(rows * columns * 2, 8);
    const auto plane = writer.add_plane(
        {.view = "side", .channel = "high", .columns = columns, .rows_rear_first = rear_first});
    ASSERT_TRUE(writer.append_rows(*plane, pixels_, rows).ok());
    ASSERT_TRUE(writer.finish({}).ok());
    if (rear_first) pixels_ = flipped(pixels_, columns * 2);
  }
  std::vector<std::byte> right(uint64_t first_row, uint64_t count, uint32_t first_column,
                               uint32_t width) const {
    std::vector<std::byte> out;
    for (uint64_t row = first_row; row < first_row + count; ++row) {
      const auto at = pixels_.begin() + static_cast<ptrdiff_t>((row * columns + first_column) * 2);
      out.insert(out.end(), at, at + width * 2);
    }
    return out;
  }

  std::vector<std::byte> pixels_;
};

TEST_F(WindowTest, holds_what_the_plane_holds_there) {
  for (const bool rear_first : {false, true}) {
    write(rear_first);
    auto reader = *opened();
    const PlaneInfo& plane = reader.planes()[0];
    std::vector<std::byte> out(150 * 11 * 2);
    ASSERT_TRUE(reader.read_window(plane, 100, 150, 29, 11, out).ok());
    EXPECT_EQ(out, right(100, 150, 29, 11));
  }
}

TEST_F(WindowTest, beyond_any_side_is_refused) {
  write(false);
  auto reader = *opened();
  const PlaneInfo& plane = reader.planes()[0];
  std::vector<std::byte> out(2 * 2 * 2);
  EXPECT_TRUE(reader.read_window(plane, rows - 2, 2, columns - 2, 2, out).ok());
  EXPECT_EQ(reader.read_window(plane, rows - 1, 2, 0, 2, out).error().id, "package.rows_missing");
  EXPECT_EQ(reader.read_window(plane, 0, 2, columns - 1, 2, out).error().id, "package.rows_missing");
  EXPECT_EQ(reader.read_window(plane, UINT64_MAX, 2, UINT32_MAX, 2, out).error().id, "package.rows_missing");
  EXPECT_EQ(reader.read_window(plane, 0, 2, 0, UINT32_MAX, out).error().id, "package.rows_missing");
  EXPECT_EQ(reader.read_window(plane, 0, 2, 0, 0, out).error().id, "package.rows_missing");
  EXPECT_EQ(reader.read_window(plane, 0, 1, 0, 2, out).error().id, "package.rows_missing") << "another size";
}

}  // namespace
}  // namespace garita::package::testing
