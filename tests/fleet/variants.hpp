// Ways in which a driver may be wrong about an image, applied to the strips that it delivers.
//
// No driver has to do anything for it: tests/fleet/CMakeLists.txt builds each family's driver once more for
// each variant, its entry renamed and variant_shim.cpp in front of it (GARITA_VARIANT_MIRROR, _SWAP, _SHIFT
// or _GAMMA defined). Each of them must fail the test of the common object. One that edits a single pixel
// (_EDIT, of portal alone) does not: a replay by the honest driver finds it. One that never has anything to say
// (_STALL, of portal alone) is there for whoever waits.
#pragma once

#include <algorithm>
#include <cmath>
#include <span>
#include <type_traits>
#include <utility>

namespace garita::variants {

// Top is bottom.
template <typename Sample>
void mirror(std::span<Sample> row) {
  std::reverse(row.begin(), row.end());
}

// One column too far down; the first stays.
template <typename Sample>
void shift_one(std::span<Sample> row) {
  if (row.size() > 1) std::shift_right(row.begin(), row.end(), 1);
}

// top: what the samples' type can hold, or used of it; 1 for real numbers.
template <typename Sample>
void bend_gamma(std::span<Sample> row, double top) {
  for (Sample& sample : row) {
    const double bent = top * std::pow(std::max(0.0, static_cast<double>(sample) / top), 0.9);
    if constexpr (std::is_integral_v<Sample>)
      sample = static_cast<Sample>(std::min(std::round(bent), top));
    else
      sample = static_cast<Sample>(bent);
  }
}

// One bit of one pixel, of the first row that comes.
template <typename Sample>
void edit_one(std::span<Sample> row) {
  static bool done = false;
  if constexpr (std::is_integral_v<Sample>)
    if (!std::exchange(done, true)) row[row.size() / 2] ^= 1;
}

// What this build is wrong about, of one row.
template <typename Sample>
void spoil([[maybe_unused]] std::span<Sample> row, [[maybe_unused]] double top) {
#if defined(GARITA_VARIANT_MIRROR)
  mirror(row);
#elif defined(GARITA_VARIANT_SHIFT)
  shift_one(row);
#elif defined(GARITA_VARIANT_GAMMA)
  bend_gamma(row, top);
#elif defined(GARITA_VARIANT_EDIT)
  edit_one(row);
#endif
}

#if defined(GARITA_VARIANT_SWAP)
inline constexpr bool swaps_channels = true;  // high is low
#else
inline constexpr bool swaps_channels = false;
#endif

#if defined(GARITA_VARIANT_STALL)
inline constexpr bool stalls = true;
#else
inline constexpr bool stalls = false;
#endif

}  // namespace garita::variants
