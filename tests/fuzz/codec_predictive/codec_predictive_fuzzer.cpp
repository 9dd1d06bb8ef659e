// Whatever claims to be a tile of codec 2: nothing is read or written outside, all kernels say the same, and
// what decodes can be encoded again and comes back.
//
// Input: u8 rows - 1, u16 columns - 1, u8 sample bytes - 1 (low bit), then the code.
#include <algorithm>
#include <cstdlib>

#include "core/codec/predictive.hpp"

namespace {

using namespace garita::codec;

constexpr size_t head_bytes = 4;
constexpr uint32_t most_columns = 2048;  // more of the same

std::vector<std::byte> decoded(garita::base::Bytes code, const Shape& shape, const Kernels& kernels) {
  static const auto vectors = *make_predictive_decoder(best_kernels());
  static const auto reference = *make_predictive_decoder(scalar_kernels());
  std::vector<std::byte> out(size_bytes(shape));
  auto& decoder = &kernels == &best_kernels() ? *vectors : *reference;
  return decoder.decode(code, shape, out).ok() ? out : std::vector<std::byte>();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < head_bytes) return 0;
  const Shape shape{data[0] % max_rows + 1, (data[1] | uint32_t{data[2]} << 8) % most_columns + 1,
                    data[3] % 2u + 1};
  const garita::base::Bytes code(data + head_bytes, size - head_bytes);
  const auto pixels = decoded(code, shape, best_kernels());
  if (pixels != decoded(code, shape, scalar_kernels())) std::abort();
  if (pixels.empty()) return 0;
  static const auto encoder = *make_predictive_encoder();
  std::vector<std::byte> again;
  if (!encoder->encode(pixels, shape, again) || decoded(again, shape, best_kernels()) != pixels) std::abort();
  return 0;
}
