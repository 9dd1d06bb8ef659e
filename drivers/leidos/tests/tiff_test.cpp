#include "drivers/leidos/tiff.hpp"

#include <gtest/gtest.h>

#include <random>

#include "drivers/leidos/tests/samples.hpp"
#include "garita/error.hpp"

namespace garita::leidos {
namespace {

using samples::tiff;

Picture picture_of(const std::string& bytes) { return read_tiff(samples::as_bytes(bytes)); }

// The sentence of the refusal; empty where it is read.
std::string tiff_refusal(const std::string& bytes, garita_status* status = nullptr) {
  try {
    picture_of(bytes);
    return "";
  } catch (const Stop& stop) {
    if (status) *status = stop.status;
    return stop.message.empty() ? "refused without a sentence" : stop.message;
  }
}

void expect_pixels(const Picture& picture) {
  ASSERT_EQ(picture.samples.size(), size_t{picture.width} * picture.height);
  for (uint32_t y = 0; y < picture.height; ++y)
    for (uint32_t x = 0; x < picture.width; ++x)
      ASSERT_EQ(picture.samples[y * picture.width + x], samples::pixel(x, y)) << x << ' ' << y;
}

TEST(Tiff, both_byte_orders_and_any_strips_give_the_same_pixels) {
  for (const bool big : {false, true})
    for (const uint32_t lines : {1u, 2u, 3u, 4u})
      expect_pixels(picture_of(tiff({.lines_per_strip = lines, .big_endian = big})));
}

TEST(Tiff, file_cut_anywhere_is_refused) {
  const std::string whole = tiff();
  constexpr size_t next_directory_bytes = 4;  // at the end: nobody follows it
  for (size_t size = 0; size + next_directory_bytes < whole.size(); ++size) {
    garita_status status = GARITA_OK;
    EXPECT_NE(tiff_refusal(whole.substr(0, size), &status), "") << size;
    EXPECT_TRUE(is_data(status)) << size;
  }
}

TEST(Tiff, flipped_bits_give_a_picture_of_the_right_size_or_a_refusal) {
  const unsigned seed = std::random_device{}();
  std::mt19937 random(seed);
  for (int round = 0; round < 3000; ++round) {
    std::string damaged = tiff({.big_endian = round % 2 == 0});
    for (int flips = 0; flips < 3; ++flips)
      damaged[random() % damaged.size()] ^= static_cast<char>(1 << random() % 8);
    try {
      const Picture picture = picture_of(damaged);
      ASSERT_EQ(picture.samples.size(), size_t{picture.width} * picture.height) << "seed " << seed;
    } catch (const Stop& stop) {
      ASSERT_TRUE(is_data(stop.status)) << "seed " << seed << ' ' << stop.message;
    }
  }
}

TEST(Tiff, strips_beyond_the_file_are_refused) {
  EXPECT_NE(tiff_refusal(tiff({.lines_per_strip = 4, .tags = {{273, 100'000}}})).find("ends before strip 0"),
            std::string::npos);
  EXPECT_NE(tiff_refusal(tiff({.lines_per_strip = 4, .tags = {{279, 100'000}}})), "");
  EXPECT_NE(tiff_refusal(tiff({.lines_per_strip = 4, .tags = {{273, 0xFFFFFFF0}, {279, 0x20}}})), "");
}

TEST(Tiff, size_that_its_strips_do_not_fill_is_refused) {
  const std::pair<uint16_t, uint32_t> wrong[] = {{257, 5}, {256, 7}, {278, 1}, {278, 0}, {279, 4}, {279, 0}};
  for (const auto& tag : wrong)
    EXPECT_NE(tiff_refusal(tiff({.lines_per_strip = 4, .tags = {tag}})), "")
        << tag.first << ' ' << tag.second;
}

TEST(Tiff, picture_that_would_fill_the_memory_is_refused_before_it_is_made) {
  EXPECT_NE(tiff_refusal(tiff({.tags = {{256, 65'536}}})).find("pixels"), std::string::npos);
  EXPECT_NE(tiff_refusal(tiff({.tags = {{256, 65'535}, {257, 8'192}}})).find("pixels"), std::string::npos);
  EXPECT_NE(tiff_refusal(tiff({.tags = {{257, 0}}})), "");
  EXPECT_NE(tiff_refusal(tiff(
                {.lines_per_strip = 4, .packing = 8, .tags = {{256, 16'384}, {257, 4'096}, {278, 4'096}}})),
            "");
}

TEST(Tiff, other_samples_packings_and_colours_are_refused_by_name) {
  EXPECT_NE(tiff_refusal(tiff({.bits = 8})).find("of 8 bits"), std::string::npos);
  EXPECT_NE(tiff_refusal(tiff({.channels = 3})).find("3 channels"), std::string::npos);
  EXPECT_NE(tiff_refusal(tiff({.packing = 7})).find("packed in way 7"), std::string::npos);
  EXPECT_NE(tiff_refusal(tiff({.photometric = 2})).find("colour"), std::string::npos);
  EXPECT_NE(tiff_refusal("not a picture").find("no TIFF"), std::string::npos);
  EXPECT_NE(tiff_refusal(""), "");
}

TEST(Tiff, packed_strip_that_is_garbage_is_refused) {
  for (const uint16_t packing : {uint16_t{5}, uint16_t{8}, uint16_t{32773}})
    EXPECT_NE(tiff_refusal(tiff({.lines_per_strip = 4, .packing = packing})), "") << packing;
}

}  // namespace
}  // namespace garita::leidos
