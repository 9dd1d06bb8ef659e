// The 512-bit kernels: 32 samples a vector. Same bits as the scalar definition; three steps are folded
// together where that is exact: 256·raw − d is one fused multiply-subtract (the result is an integer below
// 2^24), the clamp at 0 is left to the unsigned saturating pack, and only the clamp at 65535 stands before
// the conversion, which does not saturate.
#if defined(__x86_64__)
#if !defined(__clang__)
// gcc 12 takes _mm512_undefined_* of its own header for a mistake.
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#pragma GCC diagnostic ignored "-Wuninitialized"
#endif
#include <immintrin.h>

#include <algorithm>
#include <utility>

#include "core/normalize/kernels.hpp"

#define GARITA_AVX512 __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,popcnt")))
#define GARITA_AVX512_INLINE GARITA_AVX512 __attribute__((always_inline)) inline

namespace garita::normalize::kernels {
namespace {

constexpr uint32_t lanes = 32;

// 16 samples as u32 → canonical as i32, below 0 where the pack makes 0 of it.
template <bool dosed>
GARITA_AVX512_INLINE __m512i converted(__m512i raw, __m512 dark, __m512 gain, __m512 factor) {
  const __m512 x = _mm512_fmsub_ps(_mm512_cvtepi32_ps(raw), _mm512_set1_ps(256.0F), dark);
  __m512 value = _mm512_mul_ps(x, gain);
  if constexpr (dosed) value = _mm512_mul_ps(value, factor);
  value = _mm512_add_ps(value, _mm512_set1_ps(1024.0F));
  return _mm512_cvtps_epi32(_mm512_min_ps(value, _mm512_set1_ps(65535.0F)));
}

// Saturated samples, lane by lane and without a branch: a bad calibration makes them as common as others.
struct Ends {
  __m512i low, high;

  GARITA_AVX512_INLINE void clear() { low = high = _mm512_setzero_si512(); }

  GARITA_AVX512_INLINE void count(__m512i stored, __mmask32 valid) {
    const __m512i one = _mm512_set1_epi16(1);
    low = _mm512_mask_add_epi16(low, _mm512_mask_cmpeq_epi16_mask(valid, stored, _mm512_setzero_si512()), low,
                                one);
    high = _mm512_mask_add_epi16(high, _mm512_mask_cmpeq_epi16_mask(valid, stored, _mm512_set1_epi16(-1)),
                                 high, one);
  }
  GARITA_AVX512_INLINE void count(__m512i stored) {
    const __m512i one = _mm512_set1_epi16(1);
    low = _mm512_mask_add_epi16(low, _mm512_testn_epi16_mask(stored, stored), low, one);
    high = _mm512_mask_add_epi16(high, _mm512_cmpeq_epi16_mask(stored, _mm512_set1_epi16(-1)), high, one);
  }
  // At the latest after max_counts: a lane has 15 bits for it.
  GARITA_AVX512_INLINE void add_to(Saturation& ends) const {
    const __m512i one = _mm512_set1_epi16(1);
    ends.low += static_cast<uint32_t>(_mm512_reduce_add_epi32(_mm512_madd_epi16(low, one)));
    ends.high += static_cast<uint32_t>(_mm512_reduce_add_epi32(_mm512_madd_epi16(high, one)));
  }
};
constexpr uint32_t max_counts = 32767;

template <typename T>
GARITA_AVX512_INLINE __m512i widened(const std::byte* at, __mmask16 valid) {
  if constexpr (sizeof(T) == 2) return _mm512_cvtepu16_epi32(_mm256_maskz_loadu_epi16(valid, at));
  return _mm512_cvtepu8_epi32(_mm_maskz_loadu_epi8(valid, at));
}
template <typename T>
GARITA_AVX512_INLINE __m512i widened(const std::byte* at) {
  if constexpr (sizeof(T) == 2)
    return _mm512_cvtepu16_epi32(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(at)));
  return _mm512_cvtepu8_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(at)));
}

GARITA_AVX512_INLINE __m512i packed(__m512i first, __m512i second) {
  const __m512i order = _mm512_setr_epi64(0, 2, 4, 6, 1, 3, 5, 7);
  return _mm512_permutexvar_epi64(order, _mm512_packus_epi32(first, second));
}

// Past the cache only what is aligned to 64 bytes.
template <bool past_cache>
GARITA_AVX512_INLINE void write(uint16_t* out, __m512i stored) {
  if constexpr (past_cache)
    _mm512_stream_si512(reinterpret_cast<__m512i*>(out), stored);
  else
    _mm512_storeu_si512(out, stored);
}

// n rows (at most 4) that share their gains: d and g are loaded once for all of them. At most max_counts / n
// · 32 columns.
template <typename T, bool dosed, bool past_cache, uint32_t n>
GARITA_AVX512 void rows_at_once(const CorrectJob& job, uint32_t row, Saturation& saturation) {
  const float* dark = job.dark + row * job.gain_stride;
  const float* gain = job.gain + row * job.gain_stride;
  const std::byte* raw[n];
  uint16_t* out[n];
  __m512 factor[n];
  for (uint32_t k = 0; k < n; ++k) {
    raw[k] = raw_row(job, row + k);
    out[k] = job.out + (row + k) * job.out_stride;
    factor[k] = _mm512_set1_ps(row_factor(job, row + k));
  }
  Ends ends;
  ends.clear();
  uint32_t column = 0;
  for (; column + lanes <= job.columns; column += lanes) {
    const __m512 d0 = _mm512_loadu_ps(dark + column), d1 = _mm512_loadu_ps(dark + column + 16);
    const __m512 g0 = _mm512_loadu_ps(gain + column), g1 = _mm512_loadu_ps(gain + column + 16);
    const size_t ahead = prefetch_offset(job, column * sizeof(T), job.columns * sizeof(T), n);
#pragma GCC unroll 4
    for (uint32_t k = 0; k < n; ++k) {
      const std::byte* from = raw[k] + column * sizeof(T);
      _mm_prefetch(reinterpret_cast<const char*>(raw[k] + ahead), _MM_HINT_T0);
      const __m512i stored = packed(converted<dosed>(widened<T>(from), d0, g0, factor[k]),
                                    converted<dosed>(widened<T>(from + 16 * sizeof(T)), d1, g1, factor[k]));
      write<past_cache>(out[k] + column, stored);
      ends.count(stored);
    }
  }
  if (column != job.columns) {
    const __mmask32 valid = (uint32_t{1} << (job.columns - column)) - 1;
    const auto low = static_cast<__mmask16>(valid), high = static_cast<__mmask16>(valid >> 16);
    const __m512 d0 = _mm512_maskz_loadu_ps(low, dark + column),
                 g0 = _mm512_maskz_loadu_ps(low, gain + column);
    const __m512 d1 = _mm512_maskz_loadu_ps(high, dark + column + 16),
                 g1 = _mm512_maskz_loadu_ps(high, gain + column + 16);
    for (uint32_t k = 0; k < n; ++k) {
      const std::byte* from = raw[k] + column * sizeof(T);
      const __m512i stored =
          packed(converted<dosed>(widened<T>(from, low), d0, g0, factor[k]),
                 converted<dosed>(widened<T>(from + 16 * sizeof(T), high), d1, g1, factor[k]));
      _mm512_mask_storeu_epi16(out[k] + column, valid, stored);
      ends.count(stored, valid);
    }
  }
  ends.add_to(saturation);
}

template <typename T, bool dosed, bool past_cache = false>
GARITA_AVX512 Saturation all_rows(const CorrectJob& whole) {
  constexpr uint32_t most_columns = max_counts / 4 * lanes;
  Saturation ends;
  for (uint32_t column = 0; column < whole.columns; column += most_columns) {
    const CorrectJob job =
        part_of(whole, 0, column, whole.rows, std::min(most_columns, whole.columns - column), false);
    uint32_t row = 0;
    if (job.gain_stride == 0)
      for (; row + 4 <= job.rows; row += 4) rows_at_once<T, dosed, past_cache, 4>(job, row, ends);
    for (; row < job.rows; ++row) rows_at_once<T, dosed, past_cache, 1>(job, row, ends);
  }
  if constexpr (past_cache) _mm_sfence();
  return ends;
}

// 32 rows × 8 columns, turned: vector j of the result holds column j, row r in lane r. Four 8×8 blocks stand
// beside each other, one in each 128-bit lane, so that three rounds of in-lane unpacking are all it takes.
GARITA_AVX512_INLINE void turn(__m512i (&v)[8]) {
  __m512i a[8], b[8];
  for (int i = 0; i < 4; ++i) {
    a[2 * i] = _mm512_unpacklo_epi16(v[2 * i], v[2 * i + 1]);
    a[2 * i + 1] = _mm512_unpackhi_epi16(v[2 * i], v[2 * i + 1]);
  }
  for (int half = 0; half < 2; ++half) {
    const __m512i* in = a + 4 * half;
    b[4 * half] = _mm512_unpacklo_epi32(in[0], in[2]);
    b[4 * half + 1] = _mm512_unpackhi_epi32(in[0], in[2]);
    b[4 * half + 2] = _mm512_unpacklo_epi32(in[1], in[3]);
    b[4 * half + 3] = _mm512_unpackhi_epi32(in[1], in[3]);
  }
  for (int i = 0; i < 4; ++i) {
    v[2 * i] = _mm512_unpacklo_epi64(b[i], b[i + 4]);
    v[2 * i + 1] = _mm512_unpackhi_epi64(b[i], b[i + 4]);
  }
}

GARITA_AVX512_INLINE __m128i eight(const uint16_t* at) {
  return _mm_load_si128(reinterpret_cast<const __m128i*>(at));
}

// 8 columns of 32 rows, turned; from is aligned to 16 bytes, stride in samples.
GARITA_AVX512_INLINE void load_turned(const uint16_t* from, size_t stride, __m512i (&v)[8]) {
  for (size_t i = 0; i < 8; ++i) {
    __m512i rows = _mm512_castsi128_si512(eight(from + i * stride));
    rows = _mm512_inserti32x4(rows, eight(from + (i + 8) * stride), 1);
    rows = _mm512_inserti32x4(rows, eight(from + (i + 16) * stride), 2);
    v[i] = _mm512_inserti32x4(rows, eight(from + (i + 24) * stride), 3);
  }
  turn(v);
}

struct Area {
  uint32_t row, column, rows, columns;
};

// At the edges: at most 32 × 32 samples, corrected row by row and then turned.
template <typename T, bool dosed>
GARITA_AVX512 void small_block(const CorrectJob& whole, uint32_t row, uint32_t column, Saturation& ends) {
  alignas(64) uint16_t tile[lanes][lanes];
  CorrectJob job = part_of(whole, row, column, std::min(lanes, whole.rows - row),
                           std::min(lanes, whole.columns - column), true);
  uint16_t* out = std::exchange(job.out, tile[0]);
  job.out_stride = lanes;
  ends += all_rows<T, dosed>(job);
  const auto valid = static_cast<__mmask32>((uint64_t{1} << job.rows) - 1);
  for (uint32_t first = 0; first < job.columns; first += 8) {
    __m512i v[8];
    load_turned(tile[0] + first, lanes, v);
    for (uint32_t j = 0; j < std::min(8U, job.columns - first); ++j, out += whole.out_stride)
      _mm512_mask_storeu_epi16(out, valid, v[j]);
  }
}

// A slab of corrected rows in the L2 cache. Rows are read one after the other, as the prefetchers like it;
// what is then written of a column in one go is 256 bytes long, so that a page of the output is looked up
// four times less often than by block.
constexpr uint32_t slab_rows = 128, slab_columns = 512;
struct alignas(64) Slab {
  uint16_t rows[slab_rows][slab_columns + lanes];  // the rows of a column lie in different cache sets
};

// rows and columns are multiples of 32 and fit.
template <typename T, bool dosed, bool aligned>
GARITA_AVX512 void slab_block(const CorrectJob& whole, const Area& area, Slab& slab, Saturation& ends) {
  CorrectJob job = part_of(whole, area.row, area.column, area.rows, area.columns, true);
  uint16_t* out = std::exchange(job.out, slab.rows[0]);
  job.out_stride = slab_columns + lanes;
  ends += all_rows<T, dosed>(job);
  for (uint32_t first = 0; first < area.columns; first += 8, out += 8 * whole.out_stride)
    for (uint32_t row = 0; row < area.rows; row += lanes) {
      __m512i v[8];
      load_turned(slab.rows[row] + first, job.out_stride, v);
      for (uint32_t j = 0; j < 8; ++j) write<aligned>(out + row + j * whole.out_stride, v[j]);
    }
}

template <typename T, bool dosed, bool aligned>
GARITA_AVX512 Saturation turned(const CorrectJob& job) {
  Saturation ends;
  Slab slab;
  const uint32_t whole_rows = job.rows / lanes * lanes, whole_columns = job.columns / lanes * lanes;
  for (uint32_t row = 0; row < whole_rows; row += slab_rows)
    for (uint32_t column = 0; column < whole_columns; column += slab_columns)
      slab_block<T, dosed, aligned>(job,
                                    {row, column, std::min(slab_rows, whole_rows - row),
                                     std::min(slab_columns, whole_columns - column)},
                                    slab, ends);
  for (uint32_t row = 0; row < job.rows; row += lanes)  // what is left at the right and below
    for (uint32_t column = row < whole_rows ? whole_columns : 0; column < job.columns; column += lanes)
      small_block<T, dosed>(job, row, column, ends);
  _mm_sfence();
  return ends;
}

}  // namespace

Saturation correct_avx512(const CorrectJob& job) {
  if (job.sample_type == GARITA_SAMPLE_U8)
    return job.dose_q16 ? all_rows<uint8_t, true>(job) : all_rows<uint8_t, false>(job);
  if (job.past_cache && is_aligned(job))
    return job.dose_q16 ? all_rows<uint16_t, true, true>(job) : all_rows<uint16_t, false, true>(job);
  return job.dose_q16 ? all_rows<uint16_t, true>(job) : all_rows<uint16_t, false>(job);
}

Saturation correct_transposed_avx512(const CorrectJob& job) {
  if (job.sample_type == GARITA_SAMPLE_U8)
    return job.dose_q16 ? turned<uint8_t, true, false>(job) : turned<uint8_t, false, false>(job);
  const bool aligned = is_aligned(job);
  if (job.dose_q16) return aligned ? turned<uint16_t, true, true>(job) : turned<uint16_t, true, false>(job);
  return aligned ? turned<uint16_t, false, true>(job) : turned<uint16_t, false, false>(job);
}

}  // namespace garita::normalize::kernels
#endif
