// A long dual-energy cargo scan as a worker hands it over: strips of raw counts in shared memory, with what
// it takes to correct them.
#pragma once

#include <cstdint>
#include <vector>

#include "core/image/event.hpp"

namespace garita::bench {

class Source {
 public:
  // raw_bytes: of both energies together, about.
  explicit Source(uint64_t raw_bytes);

  const std::vector<image::Event>& calibrations() const { return calibrations_; }
  image::ScanBegin begin() const;
  const std::vector<image::Event>& strips() const { return strips_; }  // high and low in turns
  image::ScanEnd end() const;

  uint32_t columns() const { return columns_; }
  uint64_t rows() const { return rows_; }
  uint64_t raw_bytes() const { return rows_ * columns_ * 2 * sizeof(uint16_t); }

 private:
  static constexpr uint32_t columns_ = 1504, strip_rows = 64;
  uint64_t rows_ = 0;
  std::vector<image::Event> calibrations_, strips_;
};

}  // namespace garita::bench
