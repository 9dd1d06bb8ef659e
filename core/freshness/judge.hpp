// Is this a new exposure? A scan's print, held against those before it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/freshness/compare.hpp"

namespace garita::freshness {

enum class Verdict : uint8_t { not_judged, fresh, replayed, synthetic };

enum class Reason : uint8_t {
  none,
  equal_planes,      // replayed: of all that was looked at
  same_noise,        // replayed: shifted, cut, mirrored, brighter or with noise added, perhaps
  no_noise,          // synthetic: no detector's counts are as even
  too_little_noise,  // synthetic: less than any of this device's scans before
  no_earlier_scan,   // not judged
  no_noise_expected  // not judged: pictures for the eye, reconstructions, few values, too small
};

struct Judgement {
  Verdict verdict = Verdict::not_judged;
  Reason reason = Reason::none;
  uint32_t compared = 0;      // earlier scans with planes to compare
  std::string view, channel;  // of a suspect scan: by which plane
  double figure = 0;  // same_noise: correlation; synthetic: deviation of a pixel in parts of its transmission
  double limit = 0;   // what it would have to be on the other side of
  Alignment alignment;       // same_noise
  std::string old_scan_key;  // replayed: of which scan
  base::Digest old_root{};
};

// earlier: any order; one of the same key_digits is the same scan told again, and not compared.
Judgement judge(const ScanPrint& scan, const std::vector<ScanPrint>& earlier);

inline constexpr double even_counts = 1e-4;  // 10^8 quanta a pixel: a thousand times more than any scanner's
inline constexpr double quieter =
    3;  // than the quietest before: a ninth of the variance, nine times the dose
inline constexpr size_t least_earlier = 8;  // scans that tell what a device's noise is
inline constexpr double steady = 2;         // and vary by no more than this

}  // namespace garita::freshness
