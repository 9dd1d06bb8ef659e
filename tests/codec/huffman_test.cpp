#include <gtest/gtest.h>
#include <zstd.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <utility>

#include "core/codec/huffman_code.hpp"
#include "core/codec/huffman_frame.hpp"

namespace garita::codec {
namespace {

using Symbols = std::vector<uint8_t>;

std::vector<const Kernels*> all_kernels() {
  std::vector<const Kernels*> all = {&scalar_kernels()};
#if defined(__x86_64__)
  if (avx2_runs()) all.push_back(&avx2_kernels());
  if (avx512_runs()) all.push_back(&avx512_kernels());
#endif
  return all;
}

class HuffmanTest : public ::testing::Test {
 protected:
  static std::vector<std::byte> frame(const Symbols& symbols, const Kernels& kernels = scalar_kernels(),
                                      size_t parts = 1) {
    Buffer out;
    out.put(uint8_t{42});  // a frame goes behind what is there
    const size_t size = append_huffman_frame(base::Bytes(symbols), parts, kernels, out);
    EXPECT_EQ(out.size(), size + 1);
    return {out.bytes().begin() + 1, out.bytes().end()};
  }

  // zstd itself reads the frame, and it is the same whoever wrote it.
  static void expect_read_by_zstd(const Symbols& symbols, size_t parts = 1) {
    const auto code = frame(symbols, scalar_kernels(), parts);
    ASSERT_EQ(ZSTD_getFrameContentSize(code.data(), code.size()), symbols.size());
    Symbols out(symbols.size());
    ASSERT_EQ(ZSTD_decompress(out.data(), out.size(), code.data(), code.size()), symbols.size());
    ASSERT_EQ(out, symbols);
    for (const Kernels* kernels : all_kernels()) ASSERT_EQ(frame(symbols, *kernels, parts), code);
  }

  // What residuals look like: the greater, the rarer.
  Symbols residuals(size_t count, double mean, uint32_t most = 63) {
    std::geometric_distribution<int> geometric(1 / (mean + 1));
    Symbols out(count);
    for (auto& symbol : out)
      symbol = static_cast<uint8_t>(std::min<int>(geometric(random_), static_cast<int>(most)));
    return out;
  }

  std::mt19937 random_{5};
};

TEST_F(HuffmanTest, zstd_reads_frames_of_every_size_around_its_limits) {
  for (const size_t count : {256u, 257u, 258u, 259u, 511u, 512u, 1023u, 1024u, 1025u, 16383u, 16384u, 65535u,
                             65536u, 65791u, 65792u, 131071u, 131072u, 131073u, 400001u})
    ASSERT_NO_FATAL_FAILURE(expect_read_by_zstd(residuals(count, 4))) << count;
}

TEST_F(HuffmanTest, zstd_reads_frames_of_every_length_of_the_rest_of_a_vector) {
  for (size_t count = 300; count < 600; ++count)
    ASSERT_NO_FATAL_FAILURE(expect_read_by_zstd(residuals(count, 2.5))) << count;
}

TEST_F(HuffmanTest, zstd_reads_frames_of_every_greatest_symbol) {
  for (uint32_t most = 0; most < huffman_symbols; ++most)
    ASSERT_NO_FATAL_FAILURE(expect_read_by_zstd(residuals(5000, most / 2.0, most))) << most;
}

TEST_F(HuffmanTest, symbols_that_occur_far_apart_in_frequency_keep_codes_of_11_bits) {
  Symbols symbols;  // as Fibonacci's numbers: Huffman's own tree would be 24 deep
  for (uint32_t symbol = 0, count = 1, before = 0; symbol < 25; ++symbol) {
    symbols.insert(symbols.end(), count, static_cast<uint8_t>(symbol * 2));
    count += std::exchange(before, count);
  }
  std::shuffle(symbols.begin(), symbols.end(), random_);
  expect_read_by_zstd(symbols);
}

TEST_F(HuffmanTest, two_symbols_and_one_alone_are_read) {
  Symbols symbols(1000, 17);
  ASSERT_NO_FATAL_FAILURE(expect_read_by_zstd(symbols));
  EXPECT_LT(frame(symbols).size(), 20u);
  symbols[999] = 63;
  ASSERT_NO_FATAL_FAILURE(expect_read_by_zstd(symbols));
}

TEST_F(HuffmanTest, symbols_without_any_order_are_read) {
  Symbols symbols(70000);
  for (auto& symbol : symbols) symbol = static_cast<uint8_t>(random_() % huffman_symbols);
  expect_read_by_zstd(symbols);
}

TEST_F(HuffmanTest, halves_have_codes_of_their_own) {
  Symbols symbols = residuals(20000, 6);
  symbols.resize(40000);
  ASSERT_NO_FATAL_FAILURE(expect_read_by_zstd(symbols, 2));
  EXPECT_LT(frame(symbols, scalar_kernels(), 2).size(), frame(symbols).size());
}

TEST_F(HuffmanTest, great_symbols_and_short_streams_are_left_to_zstd) {
  Symbols symbols(1000, 3);
  symbols[500] = huffman_symbols;
  EXPECT_TRUE(frame(symbols).empty());
  EXPECT_TRUE(frame(Symbols(fewest_huffman_symbols - 1, 3)).empty());
  Symbols late(300000, 3);  // told only in the last of its blocks
  late.back() = 255;
  EXPECT_TRUE(frame(late).empty());
}

// The lengths use up all codes there are (zstd asks for it), and cost hardly more than the entropy.
TEST_F(HuffmanTest, codes_are_complete_and_close_to_the_entropy) {
  for (int trial = 0; trial < 200; ++trial) {
    Counts counts{};
    const size_t used = 2 + random_() % (huffman_symbols - 1);
    double total = 0, bits = 0, entropy = 0, space = 0;
    for (size_t symbol = 0; symbol < used; ++symbol)
      total += counts[symbol] = 1 + random_() % (1u << random_() % 18);
    const HuffmanCode code = huffman_code(counts);
    for (size_t symbol = 0; symbol < used; ++symbol) {
      bits += counts[symbol] * double(code.length(symbol));
      entropy -= counts[symbol] * std::log2(counts[symbol] / total);
      space += std::exp2(-double(code.length(symbol)));
      ASSERT_LE(code.length(symbol), huffman_bits);
    }
    ASSERT_EQ(space, 1) << "trial " << trial;
    ASSERT_LT(bits, entropy + total);
  }
}

}  // namespace
}  // namespace garita::codec
