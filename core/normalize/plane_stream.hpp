// Inside normalize: one channel of one view on its way from strips to the sink. It trusts the strips it is
// given to fit the view and to follow each other (scan_normalizer.cpp checks that), and nothing about their
// pixels.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "core/base/result.hpp"
#include "core/image/event.hpp"
#include "core/normalize/calibration_store.hpp"
#include "core/normalize/quality.hpp"
#include "core/normalize/report.hpp"
#include "core/normalize/scan_normalizer.hpp"

namespace garita::normalize {

// Buffers that the planes of a scan share: a few hundred kilobytes, reused, so that they stay in the cache.
struct Buffers {
  std::vector<std::byte> raw;
  std::vector<uint16_t> canonical;
  std::vector<uint32_t> invalid;
};

class PlaneStream {
 public:
  PlaneStream(const image::View& view, uint32_t view_index, uint32_t channel_index, RowSink& sink,
              const Settings& settings, Buffers& buffers);

  // Finds the calibration and tells the sink what will come. Why a RAW_COUNTS plane stays uncorrected goes to
  // `uncorrected`. Before the first rows, once.
  base::Result<void> start(CalibrationStore& calibrations, std::optional<base::Error>& uncorrected);

  base::Result<void> rows(const image::Strip& strip);

  bool started() const { return started_; }
  uint64_t next_row(uint32_t slice) const { return slice < slices_.size() ? slices_[slice].next_row : 0; }
  std::optional<uint64_t> last_line(uint32_t slice) const {
    return slice < slices_.size() ? slices_[slice].last_line : std::nullopt;
  }
  uint64_t row_count() const { return report_.rows; }
  PlaneReport report() const;

 private:
  enum class Way { as_delivered, counts_binary32, counts_binary64, table, values_binary64 };
  struct Slice {
    uint64_t next_row = 0;
    std::optional<uint64_t> last_line;
  };
  // Rows [first, first + count) of a strip, and where their samples are.
  struct Block {
    uint32_t slice = 0, first = 0, count = 0;
    uint64_t row = 0;  // of the plane
    const std::byte* raw = nullptr;
    size_t stride_bytes = 0;
    const uint32_t* dose_q16 = nullptr;
  };

  base::Result<void> block(Block block);
  std::span<const std::byte> deliver_as_is(const Block& block);
  std::span<const std::byte> deliver_canonical(const Block& block);
  void correct_binary32(const Block& block, std::span<uint16_t> out);
  void convert_row(const Block& block, uint32_t row, std::span<uint16_t> out);
  void note_invalid(const Block& block, uint32_t row);
  void measure(const Block& block, std::span<const uint16_t> out);
  std::span<const uint8_t> usable_blocks(uint64_t row);
  void note_lines(const image::Strip& strip);
  void note_detector();
  size_t gain_row(uint64_t row) const { return correction_->rows == 1 ? 0 : static_cast<size_t>(row); }

  const image::View& view_;
  RowSink& sink_;
  const Settings& settings_;
  Buffers& buffers_;
  const Orientation orientation_;
  const uint32_t sample_bytes_;
  Way way_ = Way::as_delivered;
  bool started_ = false;
  std::shared_ptr<const Correction> correction_;
  std::vector<uint16_t> table_;
  std::vector<Slice> slices_;
  QualityMeter meter_;
  std::vector<uint8_t> usable_;
  std::optional<uint64_t> usable_row_;  // that usable_ is for
  size_t detector_runs_ = 0;            // of report_.dead, sorted by row as delivered
  PlaneReport report_;
};

}  // namespace garita::normalize
