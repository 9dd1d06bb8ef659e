#include "core/codec/blocks.hpp"

#include <algorithm>
#include <bit>

namespace garita::codec {
namespace {

BlockCode code_of_mean(uint64_t mean) {  // in 1/256
  constexpr uint64_t limits[] = {30, 90, 200, 420, 768};
  for (uint32_t i = 0; i < 5; ++i)
    if (mean < limits[i]) return {0, i + 1};
  const uint64_t units = mean / 768;  // 3 in 1/256: at least 1
  const auto k = static_cast<uint32_t>(std::bit_width(units)) - 1;
  const uint64_t place = (mean >> k) * 4 / 768;  // 4 … 7 within its octave
  return {k, 6 + static_cast<uint32_t>(place - 4) / 2};
}

uint64_t mean_of(uint32_t sum, uint32_t samples) { return (uint64_t{sum} << 8) / samples; }

}  // namespace

BlockCode code_of(const uint16_t* z, uint32_t rows, uint32_t columns, const BlockMeasure& measure,
                  const Kernels& kernels) {
  uint64_t mean = mean_of(measure.sum, rows * columns);
  const bool peaks = uint64_t{measure.most} << 8 > 10 * mean + 512;
  if (!peaks) return code_of_mean(mean);
  for (int i = 0; i < 3; ++i) {  // what stands out counts less each time
    BlockMeasure again;
    kernels.measure(z, rows, columns, static_cast<uint16_t>(std::min<uint64_t>(mean / 64 + 1, 32767)),
                    &again);
    mean = mean_of(again.sum, rows * columns);
  }
  const BlockCode code = code_of_mean(mean);
  if (code.kind <= last_class_of_runs) return code;
  BlockMeasure others;  // than 0
  kernels.measure(z, rows, columns, 1, &others);
  if (others.sum * 4 < rows * columns * 3) return {code.k, class_of_edges};
  return {code.k, code.kind <= last_calm_class ? class_of_calm_peaks : class_of_noisy_peaks};
}

}  // namespace garita::codec
