// Line datagrams as they come, in; whole lines in their order, out. Pure.
//
// A line that is missing is waited for until `window` later lines have come; then it is lost, and what comes
// of it after all is late and dropped. Nothing is ever made up: what is not there is not given.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "drivers/rapiscan/wire.hpp"

namespace garita::rapiscan {

// One line of both energies.
struct Assembled {
  uint64_t row = 0;  // of the scan, as the gantry counts
  uint32_t pulse = 0, dose_q16 = 0;
  std::vector<std::byte> high, low;  // big-endian samples; empty: has not come
  bool whole() const { return !high.empty() && !low.empty(); }
};

struct OrderCounts {
  uint64_t lines = 0;      // given
  uint64_t put_right = 0;  // datagrams that came after later ones, and in time
  uint64_t doubled = 0;    // datagrams that had come before
  uint64_t late = 0;       // datagrams of lines that had been given up
  uint64_t halved = 0;     // lines of which one energy is missing: given up as a whole
  uint64_t damaged = 0;    // datagrams that are no line, or do not fit the scan
};

class Order {
 public:
  static constexpr uint64_t max_rows = 1'000'000;

  explicit Order(uint32_t window) : window_(window) {}

  // mode: datagrams a line. Forgets the scan before.
  void begin(uint8_t mode, uint16_t columns, uint32_t first_sequence);

  void put(const Line& line);
  void note_damaged(uint64_t datagrams) { counts_.damaged += datagrams; }  // that were no lines at all

  // The next line in order, if it is certain that none before it will be waited for; nullptr: not yet. Stays
  // until pop().
  const Assembled* front();
  void pop();

  // The gantry has sent `datagrams` in all: how many lines those are.
  void expect(uint32_t datagrams);
  // Every line that is expected was given.
  bool complete() const { return expected_ && next_ >= *expected_ && waiting_.empty(); }
  // Nothing is waited for any more.
  void give_up() { closed_ = true; }

  std::optional<uint64_t> expected() const { return expected_; }
  std::optional<uint64_t> last_given() const { return last_given_; }
  // More lines came than were sent.
  bool overrun() const { return expected_ && highest_ && *highest_ >= *expected_; }
  const OrderCounts& counts() const { return counts_; }

 private:
  static constexpr size_t remembered = 4096;

  void advance_to(uint64_t row);
  void forget_front();

  uint32_t window_;
  uint8_t mode_ = 1;
  uint16_t columns_ = 0;
  uint32_t first_sequence_ = 0;
  uint64_t next_ = 0;                      // the first row that is neither given nor given up
  std::optional<uint64_t> highest_;        // row that came
  uint64_t highest_index_ = 0;             // datagram that came
  std::map<uint64_t, Assembled> waiting_;  // rows ≥ next_
  std::set<uint64_t> given_up_;            // the last of them
  std::optional<uint64_t> expected_, last_given_;
  bool closed_ = false;
  OrderCounts counts_;
};

}  // namespace garita::rapiscan
