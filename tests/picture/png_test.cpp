#include "core/picture/png.hpp"

#include <fstream>
#include <iterator>
#include <numeric>

#include "core/base/testing/faulty_files.hpp"
#include "tests/picture/folder.hpp"

namespace garita::picture::testing {
namespace {

class Png : public FolderTest {
 protected:
  static PngImage image(PngKind kind, uint32_t width, uint32_t height) {
    PngImage made{{.width = width, .height = height, .kind = kind}, {}};
    made.samples.resize(size_t{width} * height * sample_bytes(kind));
    std::iota(made.samples.begin(), made.samples.end(), uint8_t{3});
    return made;
  }

  std::string bytes() const {
    std::ifstream file(path(), std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  void put(const std::string& content) const { std::ofstream(path(), std::ios::binary) << content; }
  std::filesystem::path path() const { return folder / "x.png"; }
  std::string refusal(size_t max_bytes = 1 << 20) const {
    const auto read = read_png(path(), max_bytes);
    return read ? "accepted" : read.error().id;
  }
};

TEST_F(Png, of_every_kind_reads_back_as_it_was) {
  for (const PngKind kind : {PngKind::grey8, PngKind::rgb8, PngKind::grey16}) {
    const PngImage written = image(kind, 31, 17);
    ASSERT_TRUE(write_png(path(), written));
    const auto read = read_png(path());
    ASSERT_TRUE(read);
    EXPECT_EQ(read->header.kind, kind);
    EXPECT_EQ(read->header.width, 31u);
    EXPECT_EQ(read->header.height, 17u);
    EXPECT_EQ(read->samples, written.samples);
  }
}

TEST_F(Png, keeps_scale_and_texts) {
  PngImage written = image(PngKind::grey16, 4, 4);
  written.header.metres_per_pixel_x = written.header.metres_per_pixel_y = 0.005;
  written.header.texts = {{"garita.transmission_offset", "1024"}, {"Title", "CSQU 305438 3"}};
  ASSERT_TRUE(write_png(path(), written));
  const auto read = read_png(path());
  ASSERT_TRUE(read);
  EXPECT_DOUBLE_EQ(read->header.metres_per_pixel_x, 0.005);
  EXPECT_EQ(read->header.texts, written.header.texts);
}

TEST_F(Png, of_16_bit_is_big_endian_in_the_file) {
  PngImage written{{.width = 1, .height = 1, .kind = PngKind::grey16, .compression = 1}, {}};
  const uint16_t value = 0x1234;
  written.samples.assign(reinterpret_cast<const uint8_t*>(&value),
                         reinterpret_cast<const uint8_t*>(&value) + 2);
  ASSERT_TRUE(write_png(path(), written));
  EXPECT_EQ(bytes().substr(24, 2), std::string("\x10\0", 2));  // IHDR: depth 16, grey
  EXPECT_EQ(read_png(path())->samples, written.samples);
}

TEST_F(Png, that_was_not_finished_leaves_nothing) {
  {
    auto writer = PngWriter::create(path(), {.width = 2, .height = 2});
    ASSERT_TRUE(writer);
    const std::byte row[2] = {};
    ASSERT_TRUE((*writer)->row(row));
    EXPECT_EQ((*writer)->finish().error().id, "picture.png_rows");
  }
  EXPECT_EQ(files(), 0u);
}

TEST_F(Png, refuses_rows_of_another_size_and_one_too_many) {
  auto writer = PngWriter::create(path(), {.width = 2, .height = 1});
  ASSERT_TRUE(writer);
  const std::byte row[3] = {};
  EXPECT_EQ((*writer)->row(row).error().id, "picture.png_rows");
  ASSERT_TRUE((*writer)->row(std::span(row).first(2)));
  EXPECT_EQ((*writer)->row(std::span(row).first(2)).error().id, "picture.png_rows");
  EXPECT_TRUE((*writer)->finish());
}

TEST_F(Png, on_a_full_disk_says_so_and_leaves_nothing) {
  for (uint64_t at = 1; at <= 3; ++at) {
    base::testing::FaultyFileSystem disk;
    disk.fail({.call = base::testing::FileCall::append, .at = at, .code = ENOSPC, .for_good = true});
    const auto written = write_png(path(), image(PngKind::rgb8, 800, 600), disk);
    ASSERT_FALSE(written) << "append " << at;
    EXPECT_EQ(written.error().id, "base.disk_full") << "append " << at;
    EXPECT_EQ(files(), 0u);
  }
}

TEST_F(Png, of_no_size_is_refused_by_the_library_without_harm) {
  const auto writer = PngWriter::create(path(), {.width = 0, .height = 5});
  ASSERT_FALSE(writer);
  EXPECT_EQ(writer.error().id, "picture.png_failed");
  EXPECT_FALSE(writer.error().field("reason").empty());
  EXPECT_EQ(files(), 0u);
}

TEST_F(Png, cut_at_any_byte_is_refused) {
  ASSERT_TRUE(write_png(path(), image(PngKind::grey8, 9, 9)));
  const std::string whole = bytes();
  for (size_t size = 0; size < whole.size(); ++size) {
    put(whole.substr(0, size));
    EXPECT_EQ(refusal(), "picture.png_bad") << size;
  }
}

TEST_F(Png, with_a_flipped_byte_in_a_checked_chunk_is_refused) {
  ASSERT_TRUE(write_png(path(), image(PngKind::grey8, 9, 9)));
  const std::string whole = bytes();
  for (size_t at = 8; at < 33; ++at) {  // IHDR with its CRC
    std::string flipped = whole;
    flipped[at] = static_cast<char>(flipped[at] ^ 0x40);
    put(flipped);
    EXPECT_NE(refusal(), "accepted") << at;
  }
}

TEST_F(Png, larger_than_the_limit_is_refused_before_memory_is_taken) {
  PngImage large{{.width = 3000, .height = 1000}, std::vector<uint8_t>(3'000'000)};
  ASSERT_TRUE(write_png(path(), large));
  EXPECT_EQ(refusal(1 << 20), "picture.png_too_large");
}

TEST_F(Png, that_is_missing_is_named) { EXPECT_EQ(refusal(), "base.file_missing"); }

}  // namespace
}  // namespace garita::picture::testing
