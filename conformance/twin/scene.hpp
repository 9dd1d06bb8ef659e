// Scenes that nobody has seen: made by a seed, asymmetric in every direction, with something at every scale.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace garita::conformance {

struct Scene {
  uint32_t rows = 0, columns = 0, channels = 1;
  int64_t time_utc_ns = 0;
  std::string key, plate, container;
  std::vector<float> transmission;  // [channel][row][column]

  float& at(uint32_t channel, uint32_t row, uint32_t column) {
    return transmission[(size_t{channel} * rows + row) * columns + column];
  }
  float at(uint32_t channel, uint32_t row, uint32_t column) const {
    return transmission[(size_t{channel} * rows + row) * columns + column];
  }
};

// A slope, blocks of three materials, a staircase, an L in one corner, single pixels. is_low: by channel, of
// lower energy than the others, so that more is taken away.
Scene make_scene(uint32_t rows, uint32_t columns, const std::vector<bool>& is_low, uint64_t seed);

// The bytes that a twin reads (include/garita_twin.hpp draws them).
std::vector<std::byte> scene_bytes(const Scene& scene);

}  // namespace garita::conformance
