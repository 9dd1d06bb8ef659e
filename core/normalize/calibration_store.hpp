// Dark and air of each calibration id, put together from the pieces in which a driver delivers them.
//
// Kept are the last 16 ids (GARITA_MAX_CALIBRATIONS), the one that began longest ago goes first. An id that
// is sent again is measured anew: what stood there before goes with the first piece. A piece that cannot be
// right makes its role unusable until that is sent whole again; a scan that names the id is then INCOMPLETE,
// not wrong.
//
// Not safe for use by two threads. What find() gives is immutable and shared: a scan keeps its calibration,
// whatever arrives later.
#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <optional>
#include <vector>

#include "core/base/result.hpp"
#include "core/image/event.hpp"

namespace garita::normalize {

// One role of one id, whole: `rows` 1 for a line detector, the frame's rows for an area detector.
struct CalibrationPlane {
  uint32_t rows = 0, columns = 0, averaged = 0;
  uint32_t sample_type = GARITA_SAMPLE_U32;
  image::Time time;
  std::vector<uint32_t> q8;    // U32: 1/256 counts, each < 2^24
  std::vector<double> counts;  // F64: counts, finite
};

// Dead pixels of a calibration, row by row: columns as delivered.
struct PixelRun {
  uint32_t row = 0, first_column = 0, columns = 0;
  friend bool operator==(const PixelRun&, const PixelRun&) = default;
};

// A usable pair with its coefficients: dark32/gain32 (binary32) for U32 pairs, dark64/gain64 (binary64,
// counts) for F64. gain 0 = dead pixel.
struct Correction {
  uint64_t id = 0;
  uint32_t rows = 0, columns = 0, sample_type = GARITA_SAMPLE_U32;
  std::shared_ptr<const CalibrationPlane> dark, air;
  std::vector<float> dark32, gain32;
  std::vector<double> dark64, gain64;
  std::vector<PixelRun> dead;  // at most max_pixel_runs; dead_pixels counts all
  uint64_t dead_pixels = 0;
};

inline constexpr size_t max_pixel_runs = 65536;

class CalibrationStore {
 public:
  // max_bytes bounds what all ids together take, coefficients included (16 bytes a pixel of U32, 32 of F64).
  explicit CalibrationStore(uint64_t max_bytes = uint64_t{1} << 30) : max_bytes_(max_bytes) {}

  // Takes one piece; its memory is read once and not kept.
  // Errors, each with {id}: normalize.calibration_misshapen {what}, normalize.calibration_out_of_range,
  // normalize.calibration_not_finite, normalize.calibration_out_of_order {expected, given},
  // normalize.calibration_too_large. The rest of the store is as it was.
  base::Result<void> add(const image::Calibration& piece);

  // Errors: normalize.calibration_missing {id} (never came, or forgotten), normalize.calibration_unfinished
  // {id, role}, normalize.calibration_pair {id} (dark and air differ in shape or type), and what made the id
  // unusable.
  base::Result<std::shared_ptr<const Correction>> find(uint64_t id);

 private:
  struct Role {
    std::shared_ptr<CalibrationPlane> plane;
    uint32_t rows_filled = 0;
    std::optional<base::Error> unusable;
    bool whole() const { return plane && rows_filled == plane->rows; }
  };
  struct Entry {
    uint64_t id = 0;
    Role roles[2];                                 // dark, air
    std::shared_ptr<const Correction> correction;  // made at the first find
  };

  Entry& entry_for(const image::Calibration& piece);
  base::Result<void> begin_role(Entry& entry, Role& role, const image::Calibration& piece);
  base::Result<void> take(Entry& entry, Role& role, const image::Calibration& piece);
  uint64_t bytes_without(const Role& role) const;

  uint64_t max_bytes_;
  std::list<Entry> entries_;  // oldest first
};

}  // namespace garita::normalize
