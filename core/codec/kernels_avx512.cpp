// The 512-bit kernels, where they pay: prediction, the fit, and Huffman codes,
// which are looked up and joined 32 at a time. What is left is done 256 bits at
// a time.
#if defined(__x86_64__)
#if !defined(__clang__)
// gcc 12 takes _mm512_undefined_* of its own header for a mistake.
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#pragma GCC diagnostic ignored "-Wuninitialized"
#endif
#include <immintrin.h>

#include <array>
#include <cstring>

#include "core/codec/bit_writer.hpp"
#include "core/codec/huffman_code.hpp"
#include "core/codec/kernels.hpp"

#define GARITA_AVX512 __attribute__((target("avx2,avx512f,avx512bw,avx512vl,avx512dq,bmi2")))
#define GARITA_AVX512_INLINE GARITA_AVX512 __attribute__((always_inline)) inline

namespace garita::codec {
namespace {

constexpr size_t stride = CellBuffer::stride;
constexpr uint32_t wide = 32;  // samples in a vector

GARITA_AVX512_INLINE __m512i load(const uint16_t* at) { return _mm512_loadu_si512(at); }

struct Weights {
  __m512i w, nw, ne, ww, nn;
};

template <Mode mode>
GARITA_AVX512_INLINE __m512i weighed(__m512i weight, __m512i sample, __m512i north) {
  __m512i difference = _mm512_sub_epi16(sample, north);
  if constexpr (mode == Mode::fine) difference = _mm512_slli_epi16(difference, 4);
  return _mm512_mulhrs_epi16(difference, weight);
}

template <Mode mode>
GARITA_AVX512_INLINE __m512i predicted(const Weights& by, const uint16_t* at) {
  const uint16_t* north = at - stride;
  const __m512i w = load(at - 1), n = load(north), nw = load(north - 1);
  if constexpr (mode == Mode::median) {
    const __m512i low = _mm512_min_epu16(w, n), high = _mm512_max_epu16(w, n);
    const __m512i middle = _mm512_min_epu16(_mm512_max_epu16(nw, low), high);
    return _mm512_sub_epi16(_mm512_add_epi16(w, n), middle);
  } else {
    __m512i sum = _mm512_add_epi16(weighed<mode>(by.w, w, n), weighed<mode>(by.nw, nw, n));
    sum = _mm512_add_epi16(sum, weighed<mode>(by.ne, load(north + 1), n));
    sum = _mm512_add_epi16(sum, weighed<mode>(by.ww, load(at - 2), n));
    sum = _mm512_add_epi16(sum, weighed<mode>(by.nn, load(north - stride), n));
    if constexpr (mode == Mode::fine) sum = _mm512_srai_epi16(_mm512_add_epi16(sum, _mm512_set1_epi16(4)), 3);
    return _mm512_add_epi16(sum, n);
  }
}

template <Mode mode>
GARITA_AVX512 void predict_as(const uint16_t* samples, const Predictor& predictor, uint32_t rows,
                              uint32_t columns, uint16_t* z) {
  const auto& weight = predictor.weights;
  const Weights by{_mm512_set1_epi16(weight[0]), _mm512_set1_epi16(weight[1]), _mm512_set1_epi16(weight[2]),
                   _mm512_set1_epi16(weight[3]), _mm512_set1_epi16(weight[4])};
  for (uint32_t row = 0; row < rows; ++row, samples += stride, z += cell_columns) {
    for (uint32_t column = 0; column < columns; column += wide) {
      const __m512i residual =
          _mm512_sub_epi16(load(samples + column), predicted<mode>(by, samples + column));
      const __m512i sign = _mm512_srai_epi16(residual, 15);
      _mm512_storeu_si512(z + column, _mm512_xor_si512(_mm512_add_epi16(residual, residual), sign));
    }
  }
}

GARITA_AVX512 void predict(const uint16_t* samples, const Predictor& predictor, uint32_t rows,
                           uint32_t columns, uint16_t* z) {
  if (predictor.mode == Mode::median) return predict_as<Mode::median>(samples, predictor, rows, columns, z);
  if (predictor.mode == Mode::linear) return predict_as<Mode::linear>(samples, predictor, rows, columns, z);
  predict_as<Mode::fine>(samples, predictor, rows, columns, z);
}

// Codes of 32 symbols, joined by fours or, where these are short, by eights; later symbols lie below earlier
// ones.
struct Joined {
  alignas(64) std::array<uint64_t, 8> bits, lengths;
  size_t step;  // 1: fours; 2: eights, in every other place
};

constexpr int longest_put = 56;  // behind 7 bits that wait for their byte

GARITA_AVX512_INLINE void look_up(const uint8_t* symbols, __m512i low_codes, __m512i high_codes,
                                  Joined& out) {
  const __m512i index = _mm512_cvtepu8_epi16(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(symbols)));
  const __m512i entries = _mm512_permutex2var_epi16(low_codes, index, high_codes);
  const __m512i length = _mm512_srli_epi16(entries, huffman_bits);
  const __m512i code = _mm512_and_si512(entries, _mm512_set1_epi16((1 << huffman_bits) - 1));
  const __m512i low_word = _mm512_set1_epi32(0xFFFF), low_half = _mm512_set1_epi64(0xFFFFFFFF);
  const __m512i later_length = _mm512_srli_epi32(length, 16);
  const __m512i pairs = _mm512_or_si512(_mm512_srli_epi32(code, 16),
                                        _mm512_sllv_epi32(_mm512_and_si512(code, low_word), later_length));
  const __m512i pair_length = _mm512_add_epi32(later_length, _mm512_and_si512(length, low_word));
  const __m512i later_pair_length = _mm512_srli_epi64(pair_length, 32);
  __m512i bits = _mm512_or_si512(_mm512_srli_epi64(pairs, 32),
                                 _mm512_sllv_epi64(_mm512_and_si512(pairs, low_half), later_pair_length));
  __m512i lengths = _mm512_add_epi64(later_pair_length, _mm512_and_si512(pair_length, low_half));
  const __m512i later_lengths = _mm512_unpackhi_epi64(lengths, lengths);
  const __m512i eights = _mm512_add_epi64(lengths, later_lengths);
  out.step = 1;
  if (_mm512_mask_cmpgt_epi64_mask(0x55, eights, _mm512_set1_epi64(longest_put)) == 0) {
    bits = _mm512_or_si512(_mm512_unpackhi_epi64(bits, bits), _mm512_sllv_epi64(bits, later_lengths));
    lengths = eights;
    out.step = 2;
  }
  _mm512_store_si512(out.bits.data(), bits);
  _mm512_store_si512(out.lengths.data(), lengths);
}

GARITA_AVX512 size_t pack(const uint8_t* symbols, size_t count, const uint16_t* codes, uint8_t* out) {
  const __m512i low_codes = load(codes), high_codes = load(codes + wide);
  uint8_t* to = out;
  uint64_t bits = 0, filled = 0;
  size_t i = count;
  const auto put = [&](uint64_t more, uint64_t length) __attribute__((always_inline)) {
    bits |= more << filled;
    std::memcpy(to, &bits, sizeof bits);
    filled += length;
    bits >>= filled & ~uint64_t{7};
    to += filled / 8;
    filled &= 7;
  };
  for (; i >= wide; i -= wide) {
    Joined joined;
    look_up(symbols + i - wide, low_codes, high_codes, joined);
    if (joined.step == 2)
      for (size_t eight = 8; eight > 0; eight -= 2) put(joined.bits[eight - 2], joined.lengths[eight - 2]);
    else
      for (size_t four = 8; four > 0; --four) put(joined.bits[four - 1], joined.lengths[four - 1]);
  }
  for (; i > 0; --i)
    put(codes[symbols[i - 1]] & ((1u << huffman_bits) - 1), codes[symbols[i - 1]] >> huffman_bits);
  put(1, 1);
  return static_cast<size_t>(to - out) + (filled > 0 ? 1 : 0);
}

constexpr size_t width = 16;
#define GARITA_TARGET GARITA_AVX512
#include "core/codec/fit_loops.inc"
#undef GARITA_TARGET

}  // namespace

bool avx512_runs() {
  return avx2_runs() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
         __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq") &&
         __builtin_cpu_supports("bmi2");
}

const Kernels& avx512_kernels() {
  static const Kernels kernels = [] {
    Kernels made = avx2_kernels();
    made.predict = predict;
    made.pack = pack;
    made.learn = learn;
    made.weigh = weigh;
    return made;
  }();
  return kernels;
}

}  // namespace garita::codec
#endif
