// Blocks of pulses -> strips of rows: a row is a pair of pulses, one of each energy.
#pragma once

#include <cstdint>
#include <vector>

#include "drivers/nuctech/wire.hpp"
#include "garita/device.hpp"

namespace garita::nuctech {

class Rows {
 public:
  explicit Rows(Device& device) : device_(device) {}

  void begin();  // of a scan

  // Takes the strips that a block of the scan needs. Unwinds while the pool is empty: call it before the
  // block is consumed.
  void hold(const Block& block);

  // Emits the block's rows. time: of its first pulse. false: its pulses came before, or late; nothing is
  // emitted.
  bool add(const Block& block, const Time& time);

  uint64_t pulses() const { return 2 * rows_; }  // delivered in this scan

  // Where pulses of the scan are among the rows as delivered, which lost pulses are not: rows wholly before
  // the pulse, and rows that begin before it.
  uint64_t before_pulse(uint64_t pulse) const { return rows_before(pulse / 2); }
  uint64_t touched_before(uint64_t pulse) const { return rows_before((pulse + 1) / 2); }

 private:
  // Rows that follow each other without a lost one.
  struct Run {
    uint64_t first_line, first_row, rows;
  };
  static constexpr size_t max_runs = 4096;

  uint64_t rows_before(uint64_t line) const;
  void note(uint64_t line, uint64_t rows);
  Strip strip_of(const Block& block, uint32_t channel, const Time& time);

  Device& device_;
  std::vector<HeldStrip> held_;  // of the block in hand, one an energy
  std::vector<Run> runs_;
  uint64_t rows_ = 0, next_line_ = 0;
};

}  // namespace garita::nuctech
