// Four ways in which a driver may be wrong about an image, applied to one decoded line.
//
// A driver of each family is built once more with each of them (GARITA_VARIANT_MIRROR, _SWAP, _SHIFT, _GAMMA
// defined; see tests/fleet/CMakeLists.txt) and must fail the test of the common object. In the driver, where a
// line's samples are decoded and before they go to the host, stands
//
//   #ifdef GARITA_VARIANT
//   #include "tests/fleet/variants.hpp"
//   #endif
//   …
//   #ifdef GARITA_VARIANT
//     variants::apply(samples, channels);   // channel after channel, columns samples each
//   #endif
//
// or, where a driver should stay free of it, the same in a copy of its wire that the test alone compiles.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <type_traits>
#include <utility>

namespace garita::variants {

// Top is bottom.
template <typename Sample>
void mirror(std::span<Sample> columns) {
  std::reverse(columns.begin(), columns.end());
}

// High is low.
template <typename Sample>
void swap_channels(std::span<Sample> first, std::span<Sample> second) {
  std::swap_ranges(first.begin(), first.end(), second.begin());
}

// One column too far down; the first stays.
template <typename Sample>
void shift_one(std::span<Sample> columns) {
  if (columns.size() > 1) std::shift_right(columns.begin(), columns.end(), 1);
}

// full: the value of the open beam, about.
template <typename Sample>
void bend_gamma(std::span<Sample> columns, double full) {
  for (Sample& sample : columns) {
    const double bent = full * std::pow(std::clamp(static_cast<double>(sample) / full, 0.0, 1.0), 0.8);
    if constexpr (std::is_integral_v<Sample>)
      sample = static_cast<Sample>(std::lround(bent));
    else
      sample = static_cast<Sample>(bent);
  }
}

// samples: channels × columns, channel after channel, of transmissions or counts (more is more signal).
// full: see bend_gamma. Does what the build defines, nothing otherwise.
template <typename Sample>
void apply([[maybe_unused]] std::span<Sample> samples, [[maybe_unused]] size_t channels,
           [[maybe_unused]] double full = 50000) {
  [[maybe_unused]] const size_t columns = channels == 0 ? 0 : samples.size() / channels;
#if defined(GARITA_VARIANT_MIRROR)
  for (size_t channel = 0; channel < channels; ++channel)
    mirror(samples.subspan(channel * columns, columns));
#elif defined(GARITA_VARIANT_SWAP)
  if (channels >= 2) swap_channels(samples.first(columns), samples.subspan(columns, columns));
#elif defined(GARITA_VARIANT_SHIFT)
  for (size_t channel = 0; channel < channels; ++channel)
    shift_one(samples.subspan(channel * columns, columns));
#elif defined(GARITA_VARIANT_GAMMA)
  bend_gamma(samples, full);
#endif
}

}  // namespace garita::variants
