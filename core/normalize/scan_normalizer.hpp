// One scan on its way: strips come in, rows go out, memory stays that of a few rows however long the scan.
//
//   RAW_COUNTS                             canonical, with the calibration that the channel names; without a
//   usable one
//                                          the delivered values, marked uncorrected, and the scan is
//                                          INCOMPLETE
//   TRANSMISSION, ATTENUATION              canonical, from the declared scale
//   RECONSTRUCTED, DISPLAY, and every      as delivered: values and sample type, bit for bit
//   fidelity of a quantity that is not
//   TRANSMISSION
//
// Not safe for use by two threads. Events that are not pixels do not come here.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "core/base/result.hpp"
#include "core/image/event.hpp"
#include "core/normalize/calibration_store.hpp"
#include "core/normalize/report.hpp"

namespace garita::normalize {

// How the values of a plane are to be read.
struct PlaneFormat {
  bool canonical = false;    // stored = 1024 + 57344·t; else as delivered
  bool uncorrected = false;  // RAW_COUNTS without a usable calibration, as delivered
  uint32_t sample_type = 0;  // U16 where canonical
  uint32_t columns = 0;
  std::shared_ptr<const Correction>
      correction;  // RAW_COUNTS that are corrected: with dark and air, for who keeps raw
};

// What a view's planes will be if their calibration is there; certain for every fidelity but RAW_COUNTS.
PlaneFormat expected_format(const image::View& view);

// Where rows go. Each (view, channel, slice) gets its rows in order, without gaps or repeats, first_row from
// 0.
class RowSink {
 public:
  virtual ~RowSink() = default;

  // Once, before the first rows of (view, channel): only then is known whether its calibration came.
  virtual base::Result<void> plane(uint32_t view, uint32_t channel, const PlaneFormat& format);

  // pixels: rows · columns samples of the plane's sample type, tight, little-endian, columns in canonical
  // order. Valid until the call returns. An error closes the plane: strip() gives it back.
  virtual base::Result<void> rows(uint32_t view, uint32_t channel, uint32_t slice, uint64_t first_row,
                                  uint32_t rows, std::span<const std::byte> pixels) = 0;

  // Only with Settings::keep_raw, just before rows() of the same rows, of canonical planes: what the device
  // delivered, columns as delivered.
  virtual base::Result<void> raw_rows(uint32_t view, uint32_t channel, uint32_t slice, uint64_t first_row,
                                      uint32_t rows, std::span<const std::byte> pixels);

  // And just before that the doses of these rows, without which their correction cannot be done again;
  // empty where the device measures none.
  virtual base::Result<void> raw_doses(uint32_t view, uint32_t channel, uint32_t slice, uint64_t first_row,
                                       uint32_t rows, std::span<const uint32_t> doses_q16);
};

struct Settings {
  bool keep_raw = false;
  uint32_t block_bytes = 256 * 1024;  // of delivered pixels a call of the sink, at least one row
  uint32_t max_slices = 65536;
};

class ScanNormalizer {
 public:
  // Both must outlive this.
  ScanNormalizer(CalibrationStore& calibrations, RowSink& sink, Settings settings = {});
  ~ScanNormalizer();

  // Starts the next scan; what was under way is dropped.
  // Errors: normalize.bad_view {view, what}.
  base::Result<void> begin(const image::ScanBegin& scan);

  // Corrects and hands on one strip. Errors: normalize.bad_strip {view, channel, what},
  // normalize.rows_out_of_order {view, channel, expected, given}, normalize.lines_out_of_order {view,
  // channel, row}: the driver's fault, nothing of the strip was used and the scan can go on but will be
  // INCOMPLETE; and what the sink answers: the plane takes no more.
  base::Result<void> strip(const image::Strip& strip);

  // Compares totals and closes. The scan is complete only if the driver says so and nothing is missing.
  ScanReport end(const image::ScanEnd& end);

  // Closes a scan that will not get its SCAN_END: reason says why (driver lost, cancelled, out of disk).
  ScanReport cut(base::Error reason);

 private:
  struct Scan;
  CalibrationStore& calibrations_;
  RowSink& sink_;
  Settings settings_;
  std::unique_ptr<Scan> scan_;
};

}  // namespace garita::normalize
