// One scan on its way to the host: lines come in as they may, rows go out in order, what is lost keeps its
// place.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "drivers/rapiscan/motion.hpp"
#include "drivers/rapiscan/order.hpp"
#include "garita/line_scan.hpp"

namespace garita::rapiscan {

class Delivery {
 public:
  Delivery(Device& device, uint32_t window) : device_(device), lines_(device), order_(window) {}

  void begin(const std::string& key, ScanStart scan, const Time& time);
  const ScanStart& scan() const { return scan_; }

  void put(const Line& line) { order_.put(line); }
  void note_damaged(uint64_t datagrams) { order_.note_damaged(datagrams); }

  // Hands on one row, if it is certain which is the next. May wait for strips.
  bool deliver(const Received& received);

  // Nothing is waited for any more: what is here, in order, is all. True as long as deliver() has some of it.
  bool flush();

  // What the gantry's algorithm marked: told at the scan's end, at most max_found of a scan.
  void found(Found found);

  void expect(const ScanEnd& end) { order_.expect(end.datagrams); }
  bool complete() const { return order_.complete(); }

  // After flush(). damage: what makes the scan a fault; empty: nothing. May wait for strips.
  void end(const ScanEnd& end, std::string damage, const Time& time, const Received& received);

 private:
  void add_lost(uint64_t number, uint32_t pulse, const Received& received);
  RowFacts facts(uint64_t number, uint32_t pulse, uint32_t dose_q16, const Received& received) const;
  void tell_transport(uint64_t lost);
  void note_run(uint64_t line);  // that becomes the next row
  uint64_t rows_before(uint64_t line) const;
  Detection detection_of(const Found& found) const;

  Device& device_;
  LineScan lines_;
  Order order_;
  Motion motion_;
  ScanStart scan_;
  std::vector<Found> found_;
  std::vector<std::pair<uint64_t, uint64_t>> runs_;  // line, row: where rows go on without a gap, in order
};

}  // namespace garita::rapiscan
