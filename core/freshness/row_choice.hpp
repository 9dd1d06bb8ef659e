// Which rows of a long plane are looked at: the first 256, and after them stretches of 64, about one row in
// three and later in seven. A stretch begins where the noise of a row itself says so, by the signs of twelve
// residuals, three in each of four places (residuals.hpp says why of residuals), so that a copy without its
// beginning, or brighter, has the same ones.
#pragma once

#include <array>
#include <cstdint>

#include "core/base/bytes.hpp"
#include "core/freshness/lanes.hpp"

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
  static constexpr uint32_t places = 4;
  bool says_so(base::Bytes row);

  const uint32_t columns_, sample_bytes_;
  std::array<Lanes, places> above_{};  // differences across, in the row before
  uint64_t rows_ = 0;
  uint32_t length_ = first_rows + 1;
  uint32_t of_stretch_ = UINT32_MAX;  // the number of the row in its stretch; from length_ on there is none
};

}  // namespace garita::freshness
