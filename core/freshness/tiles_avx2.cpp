// All sixteen columns of a tile at a time.
#include "core/freshness/tiles.hpp"

#if defined(__x86_64__)
#include <immintrin.h>

#define GARITA_AVX2 __attribute__((target("avx2")))

namespace garita::freshness {
namespace {

GARITA_AVX2 inline __m256i load(const uint16_t* from) {
  return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from));
}

// Of eight lanes of 32 bits.
GARITA_AVX2 inline uint32_t sum(__m256i lanes) {
  const __m128i four = _mm_add_epi32(_mm256_castsi256_si128(lanes), _mm256_extracti128_si256(lanes, 1));
  const __m128i two = _mm_add_epi32(four, _mm_unpackhi_epi64(four, four));
  return static_cast<uint32_t>(_mm_cvtsi128_si32(two)) + static_cast<uint32_t>(_mm_extract_epi32(two, 1));
}

// The machine knows how to find the least of eight, so sizes count down from 32767.
GARITA_AVX2 inline void note_most(Tile& tile, __m128i most, uint32_t first_column) {
  const __m128i found = _mm_minpos_epu16(_mm_sub_epi16(_mm_set1_epi16(INT16_MAX), most));
  const uint32_t size = INT16_MAX - static_cast<uint32_t>(_mm_extract_epi16(found, 0));
  if (size <= tile.most) return;
  tile.most = size;
  tile.most_column = first_column + static_cast<uint32_t>(_mm_extract_epi16(found, 1));
}

GARITA_AVX2 inline Tile measured(const uint16_t* row, size_t stride, __m256i low, __m256i high) {
  const __m256i one = _mm256_set1_epi16(1), none = _mm256_setzero_si256();
  __m256i magnitude = none, most = none, zeros = none, ends = none, level = none;
  __m256i pixels = load(row), above = _mm256_sub_epi16(pixels, load(row + 1));
  for (uint32_t y = 0; y < tile_side; ++y) {
    if (y % level_step == 0) level = _mm256_add_epi16(level, _mm256_srli_epi16(pixels, 3));
    ends = _mm256_sub_epi16(
        ends, _mm256_or_si256(_mm256_cmpeq_epi16(pixels, low), _mm256_cmpeq_epi16(pixels, high)));
    row += stride;
    pixels = load(row);
    const __m256i below = _mm256_sub_epi16(pixels, load(row + 1)), d = _mm256_sub_epi16(above, below);
    above = below;
    // |-32768| is 32768 in the sum, and is never the largest.
    const __m256i size = _mm256_abs_epi16(d), wrapped = _mm256_srli_epi16(size, 15);
    magnitude = _mm256_sub_epi32(_mm256_add_epi32(magnitude, _mm256_madd_epi16(size, one)),
                                 _mm256_slli_epi32(_mm256_madd_epi16(wrapped, _mm256_set1_epi16(-1)), 16));
    most = _mm256_max_epi16(most, size);
    zeros = _mm256_sub_epi16(zeros, _mm256_cmpeq_epi16(d, none));
  }
  Tile tile;
  tile.magnitude = sum(magnitude);
  tile.zeros = sum(_mm256_madd_epi16(zeros, one));
  tile.ends = sum(_mm256_madd_epi16(ends, one));
  tile.level = sum(_mm256_madd_epi16(level, one)) / 8;
  note_most(tile, _mm256_castsi256_si128(most), 0);
  note_most(tile, _mm256_extracti128_si256(most, 1), 8);
  return tile;
}

}  // namespace

GARITA_AVX2 void measure_tiles_avx2(const uint16_t* pixels, size_t stride, uint16_t low, uint16_t high,
                                    std::span<Tile> tiles) {
  const __m256i lows = _mm256_set1_epi16(static_cast<int16_t>(low)),
                highs = _mm256_set1_epi16(static_cast<int16_t>(high));
  for (size_t i = 0; i < tiles.size(); ++i) tiles[i] = measured(pixels + i * tile_side, stride, lows, highs);
}

}  // namespace garita::freshness
#endif
