// The 256-bit kernels: 16 samples a vector. The same three foldings as in correct_avx512.cpp;
// blocks of 32 × 32 are turned first, then corrected a column at a time.
#if defined(__x86_64__)
#include <immintrin.h>

#include <algorithm>
#include <utility>

#include "core/normalize/kernels.hpp"

#define GARITA_AVX2 __attribute__((target("avx2,fma,popcnt")))
#define GARITA_AVX2_INLINE GARITA_AVX2 __attribute__((always_inline)) inline

namespace garita::normalize::kernels {
namespace {

constexpr uint32_t lanes = 16;
constexpr uint32_t block = 32;  // rows and columns of a block: a cache line each way

// 8 samples as u32 → canonical as i32, below 0 where the pack makes 0 of it.
template <bool dosed>
GARITA_AVX2_INLINE __m256i converted(__m256i raw, __m256 dark, __m256 gain, __m256 factor) {
  const __m256 x = _mm256_fmsub_ps(_mm256_cvtepi32_ps(raw), _mm256_set1_ps(256.0F), dark);
  __m256 value = _mm256_mul_ps(x, gain);
  if constexpr (dosed) value = _mm256_mul_ps(value, factor);
  value = _mm256_add_ps(value, _mm256_set1_ps(1024.0F));
  return _mm256_cvtps_epi32(_mm256_min_ps(value, _mm256_set1_ps(65535.0F)));
}

GARITA_AVX2_INLINE void count_ends(__m256i stored, Saturation& ends) {
  const __m256i one = _mm256_set1_epi16(1);
  const __m256i moved = _mm256_add_epi16(stored, one);  // 65535 and 0 become 0 and 1
  const __m256i any = _mm256_cmpeq_epi16(_mm256_min_epu16(moved, one), moved);
  if (__builtin_expect(!_mm256_testz_si256(any, any), 0)) {
    const auto at_zero =
        static_cast<uint32_t>(_mm256_movemask_epi8(_mm256_cmpeq_epi16(stored, _mm256_setzero_si256())));
    const auto at_either = static_cast<uint32_t>(_mm256_movemask_epi8(any));
    ends.low += static_cast<uint64_t>(__builtin_popcount(at_zero)) / 2;
    ends.high += static_cast<uint64_t>(__builtin_popcount(at_either & ~at_zero)) / 2;
  }
}

template <typename T>
GARITA_AVX2_INLINE __m256i widened(const std::byte* at) {
  if constexpr (sizeof(T) == 2)
    return _mm256_cvtepu16_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(at)));
  return _mm256_cvtepu8_epi32(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(at)));
}

// n rows (at most 4) that share their gains: d and g are loaded once for all of them. Returns the columns
// done.
template <typename T, bool dosed, bool past_cache, uint32_t n>
GARITA_AVX2 uint32_t rows_at_once(const CorrectJob& job, uint32_t row, Saturation& ends) {
  const float* dark = job.dark + row * job.gain_stride;
  const float* gain = job.gain + row * job.gain_stride;
  const std::byte* raw[n];
  uint16_t* out[n];
  __m256 factor[n];
  for (uint32_t k = 0; k < n; ++k) {
    raw[k] = raw_row(job, row + k);
    out[k] = job.out + (row + k) * job.out_stride;
    factor[k] = _mm256_set1_ps(row_factor(job, row + k));
  }
  uint32_t column = 0;
  for (; column + lanes <= job.columns; column += lanes) {
    const __m256 d0 = _mm256_loadu_ps(dark + column), d1 = _mm256_loadu_ps(dark + column + 8);
    const __m256 g0 = _mm256_loadu_ps(gain + column), g1 = _mm256_loadu_ps(gain + column + 8);
    const size_t ahead = prefetch_offset(job, column * sizeof(T), job.columns * sizeof(T), n);
    for (uint32_t k = 0; k < n; ++k) {
      const std::byte* from = raw[k] + column * sizeof(T);
      _mm_prefetch(reinterpret_cast<const char*>(raw[k] + ahead), _MM_HINT_T0);
      const __m256i pair =
          _mm256_packus_epi32(converted<dosed>(widened<T>(from), d0, g0, factor[k]),
                              converted<dosed>(widened<T>(from + 8 * sizeof(T)), d1, g1, factor[k]));
      const __m256i stored = _mm256_permute4x64_epi64(pair, 0xD8);
      if constexpr (past_cache)
        _mm256_stream_si256(reinterpret_cast<__m256i*>(out[k] + column), stored);
      else
        _mm256_storeu_si256(reinterpret_cast<__m256i*>(out[k] + column), stored);
      count_ends(stored, ends);
    }
  }
  return column;
}

template <typename T, bool dosed, bool past_cache = false>
GARITA_AVX2 Saturation all_rows(const CorrectJob& job) {
  Saturation ends;
  uint32_t row = 0;
  if (job.gain_stride == 0)
    for (; row + 4 <= job.rows; row += 4) rows_at_once<T, dosed, past_cache, 4>(job, row, ends);
  for (; row < job.rows; ++row) rows_at_once<T, dosed, past_cache, 1>(job, row, ends);
  if constexpr (past_cache) _mm_sfence();
  const uint32_t done = job.columns / lanes * lanes;
  if (done < job.columns) ends += correct_scalar(part_of(job, 0, done, job.rows, job.columns - done, false));
  return ends;
}

// 16 rows × 8 columns, turned: vector j of the result holds column j, row r in lane r. Two 8×8 blocks stand
// beside each other, one in each 128-bit lane.
GARITA_AVX2_INLINE void turn(__m256i (&v)[8]) {
  __m256i a[8], b[8];
  for (int i = 0; i < 4; ++i) {
    a[2 * i] = _mm256_unpacklo_epi16(v[2 * i], v[2 * i + 1]);
    a[2 * i + 1] = _mm256_unpackhi_epi16(v[2 * i], v[2 * i + 1]);
  }
  for (int half = 0; half < 2; ++half) {
    const __m256i* in = a + 4 * half;
    b[4 * half] = _mm256_unpacklo_epi32(in[0], in[2]);
    b[4 * half + 1] = _mm256_unpackhi_epi32(in[0], in[2]);
    b[4 * half + 2] = _mm256_unpacklo_epi32(in[1], in[3]);
    b[4 * half + 3] = _mm256_unpackhi_epi32(in[1], in[3]);
  }
  for (int i = 0; i < 4; ++i) {
    v[2 * i] = _mm256_unpacklo_epi64(b[i], b[i + 4]);
    v[2 * i + 1] = _mm256_unpackhi_epi64(b[i], b[i + 4]);
  }
}

struct alignas(64) Tile {
  uint16_t rows[block][block];
};

GARITA_AVX2_INLINE __m128i eight(const uint16_t* at) {
  return _mm_load_si128(reinterpret_cast<const __m128i*>(at));
}

// 8 columns of 16 rows of a tile, turned.
GARITA_AVX2_INLINE void load_turned(const Tile& tile, size_t row, size_t column, __m256i (&v)[8]) {
  for (size_t i = 0; i < 8; ++i) {
    const __m256i rows = _mm256_castsi128_si256(eight(tile.rows[row + i] + column));
    v[i] = _mm256_inserti128_si256(rows, eight(tile.rows[row + i + 8] + column), 1);
  }
  turn(v);
}

// Dose factors of 16 rows, in the order that unpacking with zero gives.
struct Factors {
  __m256 low, high;
};

GARITA_AVX2 Factors factors_of(const CorrectJob& job, uint32_t row) {
  alignas(32) float low[8], high[8];
  for (uint32_t i = 0; i < lanes; ++i) (i % 8 < 4 ? low : high)[i / 8 * 4 + i % 4] = row_factor(job, row + i);
  return {_mm256_load_ps(low), _mm256_load_ps(high)};
}

template <bool dosed>
GARITA_AVX2_INLINE __m256i corrected_column(__m256i column, float dark, float gain, const Factors& factors) {
  const __m256i zero = _mm256_setzero_si256();
  const __m256 d = _mm256_set1_ps(dark), g = _mm256_set1_ps(gain);
  return _mm256_packus_epi32(converted<dosed>(_mm256_unpacklo_epi16(column, zero), d, g, factors.low),
                             converted<dosed>(_mm256_unpackhi_epi16(column, zero), d, g, factors.high));
}

// Both halves of an output line go out one after the other: a lone half would cost a whole line on the bus.
template <bool aligned>
GARITA_AVX2_INLINE void write_column(uint16_t* out, __m256i first, __m256i second) {
  auto* to = reinterpret_cast<__m256i*>(out);
  if constexpr (aligned) {
    _mm256_stream_si256(to, first);
    _mm256_stream_si256(to + 1, second);
  } else {
    _mm256_storeu_si256(to, first);
    _mm256_storeu_si256(to + 1, second);
  }
}

// The hot case: u16, one line of gains. Turned first, because a column then needs its d and g only once.
template <bool dosed, bool aligned>
GARITA_AVX2_INLINE void line_block(const CorrectJob& job, uint32_t row, uint32_t column,
                                   const Factors (&factors)[2], Saturation& ends) {
  Tile tile;
  const std::byte* raw = raw_row(job, row) + column * sizeof(uint16_t);
  for (uint32_t i = 0; i < block; ++i, raw += job.raw_stride_bytes) {
    _mm_prefetch(reinterpret_cast<const char*>(raw + prefetch_bytes), _MM_HINT_T0);
    const auto* from = reinterpret_cast<const __m256i*>(raw);
    auto* to = reinterpret_cast<__m256i*>(tile.rows[i]);
    _mm256_store_si256(to, _mm256_loadu_si256(from));
    _mm256_store_si256(to + 1, _mm256_loadu_si256(from + 1));
  }
  uint16_t* out = job.out + column * job.out_stride + row;
  for (uint32_t first = column; first < column + block; first += 8) {
    __m256i upper[8], lower[8];
    load_turned(tile, 0, first - column, upper);
    load_turned(tile, lanes, first - column, lower);
    for (uint32_t j = 0; j < 8; ++j, out += job.out_stride) {
      const float dark = job.dark[first + j], gain = job.gain[first + j];
      upper[j] = corrected_column<dosed>(upper[j], dark, gain, factors[0]);
      lower[j] = corrected_column<dosed>(lower[j], dark, gain, factors[1]);
      write_column<aligned>(out, upper[j], lower[j]);
      count_ends(upper[j], ends);
      count_ends(lower[j], ends);
    }
  }
}

// Everything else, edges too: at most 32 × 32 samples, corrected row by row and then turned.
template <typename T, bool dosed>
GARITA_AVX2 void small_block(const CorrectJob& whole, uint32_t row, uint32_t column, Saturation& ends) {
  Tile tile;
  CorrectJob job = part_of(whole, row, column, std::min(block, whole.rows - row),
                           std::min(block, whole.columns - column), true);
  uint16_t* out = std::exchange(job.out, tile.rows[0]);
  job.out_stride = block;
  ends += all_rows<T, dosed>(job);
  for (uint32_t c = 0; c < job.columns; ++c)
    for (uint32_t r = 0; r < job.rows; ++r) out[c * whole.out_stride + r] = tile.rows[r][c];
}

template <typename T, bool dosed, bool aligned>
GARITA_AVX2 Saturation turned(const CorrectJob& job) {
  Saturation ends;
  for (uint32_t row = 0; row < job.rows; row += block) {
    uint32_t column = 0;
    if (sizeof(T) == 2 && job.gain_stride == 0 && row + block <= job.rows) {
      const Factors factors[2] = {factors_of(job, row), factors_of(job, row + lanes)};
      for (; column + block <= job.columns; column += block)
        line_block<dosed, aligned>(job, row, column, factors, ends);
    }
    for (; column < job.columns; column += block) small_block<T, dosed>(job, row, column, ends);
  }
  _mm_sfence();
  return ends;
}

}  // namespace

Saturation correct_avx2(const CorrectJob& job) {
  if (job.sample_type == GARITA_SAMPLE_U8)
    return job.dose_q16 ? all_rows<uint8_t, true>(job) : all_rows<uint8_t, false>(job);
  if (job.past_cache && is_aligned(job))
    return job.dose_q16 ? all_rows<uint16_t, true, true>(job) : all_rows<uint16_t, false, true>(job);
  return job.dose_q16 ? all_rows<uint16_t, true>(job) : all_rows<uint16_t, false>(job);
}

Saturation correct_transposed_avx2(const CorrectJob& job) {
  if (job.sample_type == GARITA_SAMPLE_U8)
    return job.dose_q16 ? turned<uint8_t, true, false>(job) : turned<uint8_t, false, false>(job);
  const bool aligned = is_aligned(job);
  if (job.dose_q16) return aligned ? turned<uint16_t, true, true>(job) : turned<uint16_t, true, false>(job);
  return aligned ? turned<uint16_t, false, true>(job) : turned<uint16_t, false, false>(job);
}

}  // namespace garita::normalize::kernels
#endif
