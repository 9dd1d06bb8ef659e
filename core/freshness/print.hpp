// What is remembered of a scan so that it is known again: of each plane its hash, the noise in it, and marks.
//
// A mark is a place where the noise stands out, and the signs of the noise around it. Quantum noise is drawn
// anew with every exposure, so no two scans share their marks, whatever they show.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "core/base/bytes.hpp"
#include "core/base/digest.hpp"
#include "core/base/result.hpp"

namespace garita::freshness {

// A patch is 15 rows by 17 columns of residuals with the mark in its middle: odd, so that a mirrored one has
// the same pixels.
inline constexpr int patch_rows = 15, patch_columns = 17, patch_bits = patch_rows * patch_columns;

struct Mark {
  uint32_t row = 0, column = 0;
  std::array<uint64_t, 4>
      signs{};  // bit 17·(row + 7) + column + 8 of the patch: set where the residual is above zero
  friend bool operator==(const Mark&, const Mark&) = default;
};

inline constexpr uint32_t least_tiles = 64;  // of which a noise is measured

// How sure it is that a patch holds noise and nothing of the object.
enum class Yardstick : uint8_t {
  none = 0,  // no noise was measured: too small a plane, few values, no unsaturated field
  scan = 1,  // the quietest quarter of the scan's own tiles at each level
  beam = 2,  // the open beam, in which no object lies, and Poisson's law below it
};

struct PlanePrint {
  std::string view, channel;
  uint64_t rows = 0;
  uint32_t columns = 0;
  bool raw_counts = false;     // corrected from what a detector delivered, by the host
  bool fixed_pattern = false;  // pixels of an area detector, which may repeat what they are in every frame
  std::array<uint64_t, 2> hash{};  // of the sums of tiles; of planes without noise, of all pixels
  uint64_t content = 0;  // pixels by which one scan could differ from another: few in a plane of few values
  Yardstick yardstick = Yardstick::none;
  // Deviation of a pixel, in parts of its transmission; tiles: how many tell. Of canonical planes.
  double beam_noise = 0, object_noise = 0;
  uint32_t beam_tiles = 0, object_tiles = 0;
  std::vector<Mark> marks;  // those that stand out most first
  friend bool operator==(const PlanePrint&, const PlanePrint&) = default;
};

struct ScanPrint {
  std::string scan_key;
  std::string key_digits;  // of the package's name: the same scan told again has the same
  base::Digest root{};     // of its package
  int64_t utc_ns = 0;
  std::vector<PlanePrint> planes;
  friend bool operator==(const ScanPrint&, const ScanPrint&) = default;
};

inline constexpr size_t max_marks = 256, max_planes = 16, max_name_bytes = 256;
inline constexpr uint64_t max_print_bytes = 1u << 20;

std::vector<std::byte> to_bytes(const ScanPrint& print);

// freshness.bad_print {what} where they are not one that to_bytes made: torn, changed, another version.
base::Result<ScanPrint> parse_print(base::Bytes bytes);

}  // namespace garita::freshness
