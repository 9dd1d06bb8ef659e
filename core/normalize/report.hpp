// What became of a scan's pixels: the host writes it into the record, the package marks its planes by it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "core/normalize/canonical.hpp"
#include "core/normalize/orientation.hpp"
#include "core/normalize/quality.hpp"

namespace garita::normalize {

// Lists below are cut at this many entries; the counts beside them go on.
inline constexpr size_t max_ranges = 65536;

// Rows of a plane that hold no measurement: dose 0.
struct RowRange {
  uint32_t slice = 0;
  uint64_t first_row = 0, rows = 0;
  friend bool operator==(const RowRange&, const RowRange&) = default;
};

// Lines that the device counted and that never came, between rows before_row - 1 and before_row. No row
// stands for them.
struct LineGap {
  uint32_t slice = 0;
  uint64_t before_row = 0, lines = 0;
  friend bool operator==(const LineGap&, const LineGap&) = default;
};

// Pixels without a measurement: a dead detector element (all rows of a scan; its rows of a frame), or a NaN
// that was delivered. Columns are canonical (turned where the view's columns are), rows as stored.
struct DeadRun {
  uint32_t slice = 0;                // of a NaN; a dead element is dead in every slice
  uint64_t first_row = 0, rows = 0;  // rows 0: every row
  uint32_t first_column = 0, columns = 0;
  friend bool operator==(const DeadRun&, const DeadRun&) = default;
};

// One channel of one view.
struct PlaneReport {
  uint32_t view = 0, channel = 0;
  uint64_t rows = 0;  // stored; of a volume: of all slices together
  uint32_t columns = 0;
  uint32_t sample_type = 0;  // of what the sink was given: U16 where canonical, else as delivered
  bool canonical = false;    // stored = 1024 + 57344·t
  bool uncorrected =
      false;  // RAW_COUNTS without a usable calibration: the device's own values, for later correction
  bool calibrated = false;  // corrected with calibration_id
  uint64_t calibration_id = 0;

  std::vector<RowRange> lost_rows;
  std::vector<LineGap> gaps;
  std::vector<DeadRun> dead;
  uint64_t lost_row_count = 0;   // rows with dose 0
  uint64_t lost_line_count = 0;  // lines that never came; stays at 2^64-1 where it would overflow
  uint64_t dead_pixels = 0;      // of the detector: columns of a line, pixels of a frame
  uint64_t invalid_samples = 0;  // NaN in f32
  bool lists_cut = false;        // one of the three lists is not whole
  Saturation saturation;         // canonical planes
  Quality quality;
};

struct ViewReport {
  Orientation orientation;
  uint64_t whole_rows =
      0;  // rows from the first on that every channel has: row whole_rows - 1 is the last good one
  std::vector<PlaneReport> channels;
};

struct ScanReport {
  bool complete = false;             // true only without a reason
  std::vector<base::Error> reasons;  // why it is INCOMPLETE, in the order found, each once
  std::vector<ViewReport> views;     // as in ScanBegin
};

}  // namespace garita::normalize
