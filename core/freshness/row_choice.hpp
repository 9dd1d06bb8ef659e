// Which rows of a long plane are looked at: the first 256, and after them stretches of 64, about one row in
// five. A stretch begins where the noise of a row itself says so, by the signs of residuals in twelve places
// (residuals.hpp says why of residuals), so that a copy without its beginning, or brighter, has the same
// ones.
#pragma once

#include <array>
#include <cstdint>

#include "core/base/bytes.hpp"

namespace garita::freshness {

class RowChoice {
 public:
  // Rows of so many samples of 1 or 2 bytes.
  RowChoice(uint32_t columns, uint32_t sample_bytes);

  // The next row: is it looked at? A stretch has one row more, which ends its last slab.
  bool add(base::Bytes row);
  // Of the row that was added: the first of a stretch, the last of one.
  bool begins() const { return of_stretch_ == 0; }
  bool ends() const { return of_stretch_ + 1 == length_; }

  static constexpr uint32_t first_rows = 256, stretch_rows = 64;

 private:
  static constexpr size_t places = 12;
  bool says_so(base::Bytes row);
  int sample(base::Bytes row, uint32_t column) const;

  const uint32_t columns_, sample_bytes_;
  std::array<int, places> above_{};  // differences across, in the row before
  uint32_t length_ = first_rows + 1;
  uint32_t of_stretch_ = UINT32_MAX;  // the number of the row in its stretch; from length_ on there is none
};

}  // namespace garita::freshness
