#include <gtest/gtest.h>

#include <cstring>
#include <random>

#include "core/codec/codec.hpp"

namespace garita::codec {
namespace {

class BytePlanesTest : public ::testing::TestWithParam<uint32_t> {
 protected:
  void SetUp() override {
    encoder_ = *make_encoder(Id::zstd_planes);
    decoder_ = *make_decoder(Id::zstd_planes);
  }

  // A smooth ramp with noise in the low byte.
  std::vector<std::byte> pixels(const Shape& shape) {
    std::vector<std::byte> out(size_bytes(shape));
    for (size_t i = 0; i < out.size(); ++i) {
      const size_t sample = i / shape.sample_bytes;
      out[i] = static_cast<std::byte>(i % shape.sample_bytes == 0 ? random_() : sample / 100);
    }
    return out;
  }

  std::vector<std::byte> encoded(const std::vector<std::byte>& pixels, const Shape& shape) {
    std::vector<std::byte> code;
    EXPECT_TRUE(encoder_->encode(pixels, shape, code).ok());
    return code;
  }

  bool decodes(base::Bytes code, const Shape& shape) {
    std::vector<std::byte> out(size_bytes(shape));
    return decoder_->decode(code, shape, out).ok();
  }

  std::mt19937 random_{7};
  std::unique_ptr<Encoder> encoder_;
  std::unique_ptr<Decoder> decoder_;
};

TEST_P(BytePlanesTest, tiles_of_all_widths_come_back_bit_for_bit) {
  for (const uint32_t rows : {1u, 5u, 128u}) {
    for (const uint32_t columns : {1u, 2u, 3u, 31u, 512u, 1001u}) {
      const Shape shape{rows, columns, GetParam()};
      const auto original = pixels(shape);
      std::vector<std::byte> out(original.size());
      ASSERT_TRUE(decoder_->decode(encoded(original, shape), shape, out).ok()) << rows << "x" << columns;
      ASSERT_EQ(out, original) << rows << "x" << columns;
    }
  }
}

TEST_P(BytePlanesTest, code_goes_behind_what_the_buffer_holds) {
  const Shape shape{2, 9, GetParam()};
  const auto original = pixels(shape);
  std::vector<std::byte> buffer(3, std::byte{42});
  ASSERT_TRUE(encoder_->encode(original, shape, buffer).ok());
  EXPECT_EQ(buffer[2], std::byte{42});
  EXPECT_TRUE(decodes(base::Bytes(buffer.data() + 3, buffer.size() - 3), shape));
}

TEST_P(BytePlanesTest, code_cut_at_any_length_is_refused) {
  const Shape shape{3, 40, GetParam()};
  const auto code = encoded(pixels(shape), shape);
  for (size_t size = 0; size < code.size(); ++size)
    EXPECT_FALSE(decodes(base::Bytes(code.data(), size), shape)) << size;
}

TEST_P(BytePlanesTest, code_with_a_byte_more_is_refused) {
  const Shape shape{3, 40, GetParam()};
  auto code = encoded(pixels(shape), shape);
  code.push_back(std::byte{0});
  EXPECT_FALSE(decodes(code, shape));
}

TEST_P(BytePlanesTest, code_of_another_shape_is_refused) {
  const Shape shape{4, 40, GetParam()};
  const auto code = encoded(pixels(shape), shape);
  for (const Shape& other : {Shape{3, 40, GetParam()}, Shape{5, 40, GetParam()}, Shape{4, 41, GetParam()}}) {
    EXPECT_FALSE(decodes(code, other));
  }
}

TEST_P(BytePlanesTest, damaged_code_never_writes_outside_its_buffer) {
  const Shape shape{7, 33, GetParam()};
  const auto code = encoded(pixels(shape), shape);
  for (size_t i = 0; i < code.size(); ++i) {
    auto damaged = code;
    damaged[i] ^= static_cast<std::byte>(1u << (i % 8));
    decodes(damaged, shape);  // what comes out is nobody's promise; the sanitizer watches the buffer
  }
}

INSTANTIATE_TEST_SUITE_P(sample_bytes, BytePlanesTest, ::testing::Values(1u, 2u, 4u, 8u),
                         [](const auto& width) { return std::to_string(width.param); });

TEST(CodecTest, constant_tile_shrinks_to_almost_nothing) {
  const Shape shape{128, 1000, 2};
  const std::vector<std::byte> pixels(size_bytes(shape), std::byte{17});
  std::vector<std::byte> code;
  ASSERT_TRUE((*make_encoder(Id::zstd_planes))->encode(pixels, shape, code).ok());
  EXPECT_LT(code.size(), 100u);
}

TEST(CodecTest, shapes_outside_the_limits_have_no_size) {
  EXPECT_EQ(size_bytes({0, 1, 1}), 0u);
  EXPECT_EQ(size_bytes({129, 1, 1}), 0u);
  EXPECT_EQ(size_bytes({1, 65537, 1}), 0u);
  EXPECT_EQ(size_bytes({1, 1, 3}), 0u);
  EXPECT_EQ(size_bytes({128, 65536, 8}), 64u << 20);
}

TEST(CodecTest, pixels_that_do_not_fill_the_shape_are_refused) {
  std::vector<std::byte> pixels(11), code;
  EXPECT_EQ((*make_encoder(Id::zstd_planes))->encode(pixels, {1, 6, 2}, code).error().id, "codec.shape");
}

TEST(CodecTest, codec_without_a_number_is_named_as_unknown) {
  EXPECT_EQ(make_decoder(static_cast<Id>(3)).error().id, "codec.unknown");
  EXPECT_EQ(make_encoder(static_cast<Id>(77)).error().field("id"), "77");
}

}  // namespace
}  // namespace garita::codec
