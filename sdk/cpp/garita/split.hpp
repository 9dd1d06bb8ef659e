// Interleaved pixels -> one plane a channel: p0c0 p0c1 p1c0 p1c1 … -> p0c0 p1c0 … and p0c1 p1c1 …
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

#include "garita/line_scan.hpp"
#include "garita/wire.hpp"

namespace garita {

// pixels  columns × channels samples of type Sample, in the wire's byte order.
// row     Of LineScan::row(); every channel as long as the pixels ask for, else DATA_CORRUPT.
template <typename Sample>
void split(std::span<const std::byte> pixels, const Row& row, std::endian order = std::endian::little) {
  const size_t channels = row.channels();
  for (size_t channel = 0; channel < channels; ++channel) {
    const std::span<Sample> plane = row.channel<Sample>(channel);
    if (plane.size() * channels * sizeof(Sample) != pixels.size())
      fail(GARITA_DATA_CORRUPT, "a line of " + std::to_string(pixels.size()) + " bytes is not a row of " +
                                    std::to_string(plane.size()) + " columns");
    for (size_t column = 0; column < plane.size(); ++column)
      plane[column] = read_as<Sample>(pixels.data() + (column * channels + channel) * sizeof(Sample), order);
  }
}

}  // namespace garita
