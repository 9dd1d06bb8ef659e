// The 256-bit kernels: 16 samples a vector.
//
// Prediction from the left would make decoding wait for each sample. So 16 rows are rebuilt at once, each two
// columns behind the row above it: one vector holds one sample of each row, and all that it needs is there.
// Rows are loaded slanted, turned by a 16 × 16 transpose, and turned back behind.
#if defined(__x86_64__)
#include <immintrin.h>

#include <array>
#include <cstring>
#include <utility>

#include "core/codec/kernels.hpp"

#define GARITA_AVX2 __attribute__((target("avx2")))
#define GARITA_AVX2_INLINE GARITA_AVX2 __attribute__((always_inline)) inline

namespace garita::codec {
namespace {

constexpr size_t stride = CellBuffer::stride;

template <typename T>
GARITA_AVX2_INLINE __m256i load(const T* at) {
  return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(at));
}

template <typename T>
GARITA_AVX2_INLINE void store(T* at, __m256i value) {
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(at), value);
}

struct Weights {
  __m256i w, nw, ne, ww, nn;
};

GARITA_AVX2_INLINE Weights broadcast(const Predictor& predictor) {
  const auto& weight = predictor.weights;
  return {_mm256_set1_epi16(weight[0]), _mm256_set1_epi16(weight[1]), _mm256_set1_epi16(weight[2]),
          _mm256_set1_epi16(weight[3]), _mm256_set1_epi16(weight[4])};
}

template <Mode mode>
GARITA_AVX2_INLINE __m256i weighed(__m256i weight, __m256i sample, __m256i north) {
  __m256i difference = _mm256_sub_epi16(sample, north);
  if constexpr (mode == Mode::fine) difference = _mm256_slli_epi16(difference, 4);
  return _mm256_mulhrs_epi16(difference, weight);
}

// What does not depend on the sample just before comes first: it is ready early.
template <Mode mode>
GARITA_AVX2_INLINE __m256i predicted(const Weights& by, __m256i w, __m256i nw, __m256i n, __m256i ne,
                                     __m256i ww, __m256i nn) {
  if constexpr (mode == Mode::median) {
    const __m256i low = _mm256_min_epu16(w, n), high = _mm256_max_epu16(w, n);
    const __m256i middle = _mm256_min_epu16(_mm256_max_epu16(nw, low), high);
    return _mm256_sub_epi16(_mm256_add_epi16(w, n), middle);
  } else {
    __m256i sum = _mm256_add_epi16(weighed<mode>(by.nw, nw, n), weighed<mode>(by.nn, nn, n));
    sum = _mm256_add_epi16(sum, weighed<mode>(by.ww, ww, n));
    if constexpr (mode == Mode::linear) sum = _mm256_add_epi16(sum, n);
    if constexpr (mode == Mode::fine) sum = _mm256_add_epi16(sum, _mm256_set1_epi16(4));
    const __m256i late = _mm256_add_epi16(weighed<mode>(by.ne, ne, n), weighed<mode>(by.w, w, n));
    sum = _mm256_add_epi16(sum, late);
    if constexpr (mode == Mode::fine) sum = _mm256_add_epi16(_mm256_srai_epi16(sum, 3), n);
    return sum;
  }
}

template <Mode mode>
GARITA_AVX2 void predict_as(const uint16_t* samples, const Predictor& predictor, uint32_t rows,
                            uint32_t columns, uint16_t* z) {
  const Weights by = broadcast(predictor);
  for (uint32_t row = 0; row < rows; ++row, samples += stride, z += cell_columns) {
    for (uint32_t column = 0; column < columns; column += lanes) {
      const uint16_t* at = samples + column;
      const uint16_t* north = at - stride;
      const __m256i nn = mode == Mode::median ? __m256i{} : load(north - stride);
      const __m256i x = load(at), w = load(at - 1), ww = load(at - 2), n = load(north), nw = load(north - 1),
                    ne = load(north + 1);
      const __m256i residual = _mm256_sub_epi16(x, predicted<mode>(by, w, nw, n, ne, ww, nn));
      const __m256i sign = _mm256_srai_epi16(residual, 15);
      store(z + column, _mm256_xor_si256(_mm256_add_epi16(residual, residual), sign));
    }
  }
}

GARITA_AVX2 void predict(const uint16_t* samples, const Predictor& predictor, uint32_t rows, uint32_t columns,
                         uint16_t* z) {
  if (predictor.mode == Mode::median) return predict_as<Mode::median>(samples, predictor, rows, columns, z);
  if (predictor.mode == Mode::linear) return predict_as<Mode::linear>(samples, predictor, rows, columns, z);
  predict_as<Mode::fine>(samples, predictor, rows, columns, z);
}

// The greatest of 16, as one: there is an instruction for the least.
GARITA_AVX2_INLINE uint32_t greatest(__m256i values) {
  const __m128i half = _mm_max_epu16(_mm256_castsi256_si128(values), _mm256_extracti128_si256(values, 1));
  const __m128i turned = _mm_xor_si128(half, _mm_set1_epi16(-1));
  return 0xFFFF - (static_cast<uint32_t>(_mm_cvtsi128_si32(_mm_minpos_epu16(turned))) & 0xFFFF);
}

GARITA_AVX2 void measure(const uint16_t* z, uint32_t rows, uint32_t columns, uint16_t cap,
                         BlockMeasure* blocks) {
  const __m256i limit = _mm256_set1_epi16(static_cast<int16_t>(cap)), ones = _mm256_set1_epi16(1);
  for (uint32_t from = 0; from < columns; from += block_columns, z += block_columns, ++blocks) {
    __m256i sum = _mm256_setzero_si256(), most = _mm256_setzero_si256();
    for (uint32_t row = 0; row < rows; ++row) {
      const __m256i first = load(z + row * cell_columns), second = load(z + row * cell_columns + lanes);
      sum = _mm256_add_epi32(sum, _mm256_madd_epi16(_mm256_min_epu16(first, limit), ones));
      sum = _mm256_add_epi32(sum, _mm256_madd_epi16(_mm256_min_epu16(second, limit), ones));
      most = _mm256_max_epu16(most, _mm256_max_epu16(first, second));
    }
    __m128i half = _mm_add_epi32(_mm256_castsi256_si128(sum), _mm256_extracti128_si256(sum, 1));
    half = _mm_add_epi32(half, _mm_shuffle_epi32(half, 0x4E));
    half = _mm_add_epi32(half, _mm_shuffle_epi32(half, 0xB1));
    *blocks = {static_cast<uint32_t>(_mm_cvtsi128_si32(half)), greatest(most)};
  }
}

// 32 samples → 32 symbols.
GARITA_AVX2_INLINE __m256i symbols_of(__m256i first, __m256i second, __m128i k) {
  const __m256i most = _mm256_set1_epi16(255);
  first = _mm256_min_epu16(_mm256_srl_epi16(first, k), most);
  second = _mm256_min_epu16(_mm256_srl_epi16(second, k), most);
  return _mm256_permute4x64_epi64(_mm256_packus_epi16(first, second), 0xD8);
}

template <uint32_t k, uint32_t vector>
GARITA_AVX2_INLINE void put_low(__m256i value, __m256i& word, std::byte* low) {
  constexpr uint32_t shift = vector * k % 16, index = vector * k / 16;
  value = _mm256_and_si256(value, _mm256_set1_epi16(static_cast<int16_t>((1 << k) - 1)));
  word = shift == 0 ? value : _mm256_or_si256(word, _mm256_slli_epi16(value, shift));
  if constexpr (shift + k >= 16) {
    store(low + index * size_t{32}, word);
    if constexpr (shift + k > 16) word = _mm256_srli_epi16(value, 16 - shift);
  }
}

template <uint32_t k, size_t... row>
GARITA_AVX2_INLINE void put_all_low(const uint16_t* z, std::byte* low, std::index_sequence<row...>) {
  __m256i word = _mm256_setzero_si256();
  ((put_low<k, 2 * row>(load(z + row * cell_columns), word, low),
    put_low<k, 2 * row + 1>(load(z + row * cell_columns + lanes), word, low)),
   ...);
}

template <uint32_t k>
GARITA_AVX2 bool split_whole(const uint16_t* z, uint8_t* symbols, std::byte* low) {
  const __m128i count = _mm_cvtsi32_si128(k);
  __m256i escapes = _mm256_setzero_si256();
  for (uint32_t row = 0; row < block_rows; ++row) {
    const uint16_t* at = z + row * cell_columns;
    const __m256i out = symbols_of(load(at), load(at + lanes), count);
    escapes = _mm256_or_si256(escapes, _mm256_cmpeq_epi8(out, _mm256_set1_epi8(-1)));
    store(symbols + row * size_t{block_columns}, out);
  }
  if constexpr (k > 0) put_all_low<k>(z, low, std::make_index_sequence<block_rows>());
  return !_mm256_testz_si256(escapes, escapes);
}

template <uint32_t k, uint32_t vector>
GARITA_AVX2_INLINE __m256i take_low(const std::byte* low) {
  constexpr uint32_t shift = vector * k % 16, index = vector * k / 16;
  __m256i value = _mm256_srli_epi16(load(low + index * size_t{32}), shift);
  if constexpr (shift + k > 16)
    value = _mm256_or_si256(value, _mm256_slli_epi16(load(low + (index + 1) * size_t{32}), 16 - shift));
  return _mm256_and_si256(value, _mm256_set1_epi16(static_cast<int16_t>((1 << k) - 1)));
}

GARITA_AVX2_INLINE __m256i unzigzagged(__m256i z) {
  const __m256i sign = _mm256_sub_epi16(_mm256_setzero_si256(), _mm256_and_si256(z, _mm256_set1_epi16(1)));
  return _mm256_xor_si256(_mm256_srli_epi16(z, 1), sign);
}

GARITA_AVX2_INLINE __m256i widened(const uint8_t* symbols) {
  return _mm256_cvtepu8_epi16(_mm_loadu_si128(reinterpret_cast<const __m128i*>(symbols)));
}

template <uint32_t k, uint32_t vector>
GARITA_AVX2_INLINE void join_vector(const uint8_t* symbols, const std::byte* low, uint16_t* residuals) {
  __m256i z = _mm256_slli_epi16(widened(symbols + vector * size_t{lanes}), k);
  if constexpr (k > 0) z = _mm256_or_si256(z, take_low<k, vector>(low));
  store(residuals + vector / 2 * stride + vector % 2 * lanes, unzigzagged(z));
}

template <uint32_t k, size_t... vector>
GARITA_AVX2_INLINE void join_vectors(const uint8_t* symbols, const std::byte* low, uint16_t* residuals,
                                     std::index_sequence<vector...>) {
  (join_vector<k, vector>(symbols, low, residuals), ...);
}

template <uint32_t k>
GARITA_AVX2 bool join_whole(const uint8_t* symbols, const std::byte* low, uint16_t* residuals) {
  join_vectors<k>(symbols, low, residuals, std::make_index_sequence<size_t{2} * block_rows>());
  __m256i escapes = _mm256_setzero_si256();
  for (size_t i = 0; i < size_t{block_rows} * block_columns; i += 32)
    escapes = _mm256_or_si256(escapes, _mm256_cmpeq_epi8(load(symbols + i), _mm256_set1_epi8(-1)));
  return !_mm256_testz_si256(escapes, escapes);
}

using SplitWhole = bool (*)(const uint16_t*, uint8_t*, std::byte*);
using JoinWhole = bool (*)(const uint8_t*, const std::byte*, uint16_t*);

template <size_t... k>
constexpr std::array<SplitWhole, sizeof...(k)> all_splits(std::index_sequence<k...>) {
  return {split_whole<k>...};
}

template <size_t... k>
constexpr std::array<JoinWhole, sizeof...(k)> all_joins(std::index_sequence<k...>) {
  return {join_whole<k>...};
}

// Blocks at the edges are few: the reference does them.
bool split(const uint16_t* z, uint32_t k, uint32_t rows, uint32_t columns, uint8_t* symbols, std::byte* low) {
  static constexpr auto whole = all_splits(std::make_index_sequence<16>());
  if (rows == block_rows && columns == block_columns) return whole[k](z, symbols, low);
  return scalar_kernels().split(z, k, rows, columns, symbols, low);
}

bool join(const uint8_t* symbols, const std::byte* low, uint32_t k, uint32_t rows, uint32_t columns,
          uint16_t* residuals) {
  static constexpr auto whole = all_joins(std::make_index_sequence<16>());
  if (rows == block_rows && columns == block_columns) return whole[k](symbols, low, residuals);
  return scalar_kernels().join(symbols, low, k, rows, columns, residuals);
}

// ---- the wavefront

// 16 rows of 16 become 16 columns of 16.
GARITA_AVX2_INLINE void transpose(__m256i (&v)[16]) {
  __m256i t[16];
  for (int i = 0; i < 8; ++i) {
    t[2 * i] = _mm256_unpacklo_epi16(v[2 * i], v[2 * i + 1]);
    t[2 * i + 1] = _mm256_unpackhi_epi16(v[2 * i], v[2 * i + 1]);
  }
  for (int i = 0; i < 4; ++i) {
    v[4 * i] = _mm256_unpacklo_epi32(t[4 * i], t[4 * i + 2]);
    v[4 * i + 1] = _mm256_unpackhi_epi32(t[4 * i], t[4 * i + 2]);
    v[4 * i + 2] = _mm256_unpacklo_epi32(t[4 * i + 1], t[4 * i + 3]);
    v[4 * i + 3] = _mm256_unpackhi_epi32(t[4 * i + 1], t[4 * i + 3]);
  }
  for (int i = 0; i < 2; ++i) {
    for (int j = 0; j < 4; ++j) {
      t[8 * i + 2 * j] = _mm256_unpacklo_epi64(v[8 * i + j], v[8 * i + 4 + j]);
      t[8 * i + 2 * j + 1] = _mm256_unpackhi_epi64(v[8 * i + j], v[8 * i + 4 + j]);
    }
  }
  for (int i = 0; i < 8; ++i) {
    v[i] = _mm256_permute2x128_si256(t[i], t[8 + i], 0x20);
    v[8 + i] = _mm256_permute2x128_si256(t[i], t[8 + i], 0x31);
  }
}

// A lane takes its neighbour's sample, lane 0 the word at `above`.
GARITA_AVX2_INLINE __m256i moved_down(__m256i lanes_above, const uint16_t* above) {
  const __m128i entering = _mm_loadu_si128(reinterpret_cast<const __m128i*>(above - 7));
  const __m256i before =
      _mm256_inserti128_si256(_mm256_castsi128_si256(entering), _mm256_castsi256_si128(lanes_above), 1);
  return _mm256_alignr_epi8(lanes_above, before, 14);
}

// The last samples of each lane, and what lay above them.
struct Front {
  __m256i w, ww, n, nw, before_nw;
};

GARITA_AVX2_INLINE __m256i first_lane(uint16_t value) {
  return _mm256_zextsi128_si256(_mm_cvtsi32_si128(value));
}

// 16 steps. Edge: some lanes are to the left of column 0 (they keep what is there, or, in the first cell,
// take the sample above and to the right) or beyond the last (they repeat it).
template <Mode mode, bool edge>
GARITA_AVX2_INLINE void steps(uint16_t* band, int start, int columns, bool first_cell, const Weights& by,
                              Front& front) {
  const uint16_t* above = band - stride;
  __m256i lane[16];
  for (int i = 0; i < 16; ++i) lane[i] = load(band + i * static_cast<ptrdiff_t>(stride) + start - 2 * i);
  transpose(lane);
  for (int i = 0; i < 16; ++i) {
    const int step = start + i;
    const __m256i ne = moved_down(front.w, above + step + 1);
    const __m256i nn = mode == Mode::median ? __m256i{} : moved_down(front.before_nw, above - stride + step);
    __m256i x = _mm256_add_epi16(lane[i], predicted<mode>(by, front.w, front.nw, front.n, ne, front.ww, nn));
    if constexpr (edge) {
      const __m256i skew = _mm256_setr_epi16(0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
      const __m256i column = _mm256_sub_epi16(_mm256_set1_epi16(static_cast<int16_t>(step)), skew);
      const __m256i before = _mm256_srai_epi16(column, 15);
      const __m256i beyond = _mm256_cmpgt_epi16(column, _mm256_set1_epi16(static_cast<int16_t>(columns - 1)));
      x = _mm256_blendv_epi8(x, first_cell ? ne : lane[i], before);
      x = _mm256_blendv_epi8(x, front.w, beyond);
    }
    front = {x, front.w, ne, front.n, front.nw};
    lane[i] = x;
  }
  transpose(lane);
  for (int i = 0; i < 16; ++i) store(band + i * static_cast<ptrdiff_t>(stride) + start - 2 * i, lane[i]);
}

template <Mode mode>
GARITA_AVX2 void rebuild_band(uint16_t* band, const Predictor& predictor, int columns, bool first_cell) {
  const Weights by = broadcast(predictor);
  const uint16_t* above = band - stride;
  if (first_cell) band[-1] = above[0], band[-2] = above[-1];
  Front front{first_lane(band[-1]), first_lane(band[-2]), first_lane(above[0]), first_lane(above[-1]),
              _mm256_setzero_si256()};
  const int end =
      columns + 2 * (static_cast<int>(lanes) - 1) + 1;  // the last lane repeats its last sample once
  for (int start = 0; start < end; start += 16) {
    if (start < 32 || start + 16 > columns)
      steps<mode, true>(band, start, columns, first_cell, by, front);
    else
      steps<mode, false>(band, start, columns, first_cell, by, front);
  }
}

GARITA_AVX2 void rebuild(uint16_t* samples, const Predictor& predictor, uint32_t from, uint32_t rows,
                         uint32_t columns, bool first_cell) {
  const auto count = static_cast<int>(columns);
  for (uint32_t row = from; row < rows; row += lanes) {
    uint16_t* band = samples + row * stride;
    if (predictor.mode == Mode::median) rebuild_band<Mode::median>(band, predictor, count, first_cell);
    if (predictor.mode == Mode::linear) rebuild_band<Mode::linear>(band, predictor, count, first_cell);
    if (predictor.mode == Mode::fine) rebuild_band<Mode::fine>(band, predictor, count, first_cell);
  }
}

constexpr size_t width = 8;
#define GARITA_TARGET GARITA_AVX2
#include "core/codec/fit_loops.inc"
#undef GARITA_TARGET

}  // namespace

bool avx2_runs() { return __builtin_cpu_supports("avx2"); }

const Kernels& avx2_kernels() {
  static const Kernels kernels{predict, measure, split, join, rebuild, scalar_kernels().pack, learn, weigh};
  return kernels;
}

}  // namespace garita::codec
#endif
