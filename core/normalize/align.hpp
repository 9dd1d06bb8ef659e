// Energies that alternate from pulse to pulse do not see the same lines: the rows of one lie between those of
// the other. What is stored is what was measured, row by row, with the offset beside it (geometry's
// row_offset_um). Who compares channels pixel by pixel asks for rows moved onto the view's own:
//
//   view's rows     0       1       2       3          row r of a channel lies at r + d,
//   high            ●       ●       ●       ●          d = row_offset_um / pitch_along_um (0 here),
//   low                 ○       ○       ○              d = ½: row r of the view is half of
//                                                      low r-1 and half of low r
//
// Exactly, in integers, the same on every machine: with −d = k + part/whole, 0 ≤ part < whole,
//
//   moved[r] = rne( ((whole − part) · stored[r+k] + part · stored[r+k+1]) / whole )
//
// linear in the canonical scale, and so in transmission; a half goes to the even neighbour. Interpolating
// lowers noise: σ of a moved row is sqrt(½) of a stored one's where d = ½. So what is signed, exported and
// measured are the stored rows.
//
// A row that needs a lost one is lost: canonical_unmeasured, never made up from one side. At the two ends,
// where there is nothing on one side, the nearest row stands in; is_measured() says which they are. A dead
// column is dead in both rows and stays as it is.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "core/base/result.hpp"

namespace garita::normalize {

// −d of above: whole rows, and part/whole of one more.
struct RowShift {
  int64_t rows = 0;
  uint32_t part = 0, whole = 1;

  bool none() const { return rows == 0 && part == 0; }
  friend bool operator==(const RowShift&, const RowShift&) = default;
};

// row_offset_um counts along the travel, away from the front; rear_first: rows are numbered from the rear end,
// as a plane that began there is stored (a package's reader turns them: false).
// pitch_along_um 0 (unknown): none.
RowShift row_shift(int64_t row_offset_um, uint32_t pitch_along_um, bool rear_first);

// The sum of above for one row: before and after as long as out; shift.part between them.
void interpolate(std::span<const uint16_t> before, std::span<const uint16_t> after, const RowShift& shift,
                 std::span<uint16_t> out);

// One canonical plane, moved. Holds two rows.
class AlignedRows {
 public:
  // Fills out (columns long) with a stored row. Asked in rising order, some rows twice.
  using Read = std::function<base::Result<void>(uint64_t row, std::span<uint16_t> out)>;

  // rows: stored. breaks: rows that were lost, ascending; and gap_before: rows before which lines never came,
  // ascending: nothing is interpolated across them.
  AlignedRows(uint64_t rows, uint32_t columns, RowShift shift, Read read, std::vector<uint64_t> lost = {},
              std::vector<uint64_t> gap_before = {});

  // Row of the view. Errors: those of read.
  base::Result<void> row(uint64_t row, std::span<uint16_t> out);

  // Both rows that it is made of are there and follow each other.
  bool is_measured(uint64_t row) const;

 private:
  struct Pair {
    int64_t before, after;  // equal where one row is enough
  };
  Pair pair_of(uint64_t row) const;
  bool is_lost(uint64_t stored) const;
  bool is_torn(const Pair& pair) const;
  base::Result<std::span<const uint16_t>> stored(uint64_t row);

  struct Held {
    uint64_t row = UINT64_MAX;
    std::vector<uint16_t> values;
  };
  uint64_t rows_;
  uint32_t columns_;
  RowShift shift_;
  Read read_;
  std::vector<uint64_t> lost_, gap_before_;
  std::array<Held, 2> held_;  // by row modulo 2
};

}  // namespace garita::normalize
