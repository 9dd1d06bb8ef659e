// What the detector delivered, beside the canonical planes: with keep = both; or with their hashes: with keep = raw.
//
//   <view>/<channel>        role raw: counts, or values on the device's own scale, columns as delivered
//   <view>/<channel>-dose   role raw: u32, one column, the dose of each row (65536 = the air lines' mean);
//   only
//                           where the device measures doses
//
// With these, the calibration in the package and core/normalize's definition the canonical plane can be made
// again, bit for bit.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/base/result.hpp"
#include "core/image/view.hpp"
#include "core/package/writer.hpp"

namespace garita::host {

class RawPlanes {
 public:
  // writer outlives it, and stays where it is.
  explicit RawPlanes(package::Writer& writer) : writer_(writer) {}

  void begin(const std::vector<image::View>& views);

  // As normalize::RowSink has them, doses first. Errors: the writer's.
  base::Result<void> doses(uint32_t view, uint32_t channel, uint64_t first_row, uint32_t rows,
                           std::span<const uint32_t> doses_q16);
  base::Result<void> rows(uint32_t view, uint32_t channel, uint32_t rows, std::span<const std::byte> pixels);
  base::Result<void> end();  // no more rows will come

 private:
  struct Plane {
    uint32_t pixels = package::no_part, doses = package::no_part;
  };

  base::Result<uint32_t> open(uint32_t view, uint32_t channel, bool doses);

  package::Writer& writer_;
  std::vector<image::View> views_;
  std::vector<std::vector<Plane>> planes_;  // by view and channel
};

}  // namespace garita::host
