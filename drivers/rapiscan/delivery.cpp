#include "drivers/rapiscan/delivery.hpp"

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>

#include "drivers/rapiscan/events.hpp"

namespace garita::rapiscan {

void Delivery::begin(const std::string& key, ScanStart scan, const Time& time) {
  scan_ = std::move(scan);
  found_.clear();
  runs_.clear();
  motion_ = Motion(scan_);
  order_.begin(scan_.mode, scan_.columns, scan_.first_sequence);
  lines_.begin(
      {.key = key, .time = time, .attributes = scan_attributes(scan_, motion_), .views = {view_of(scan_)}});
}

bool Delivery::deliver(const Received& received) {
  const Assembled* line = order_.front();
  if (line == nullptr) return false;
  if (lines_.rows() == 0 && line->row > 0) return add_lost(0, scan_.first_pulse, received), true;
  note_run(line->row);
  const Row row = lines_.row();
  to_little_endian(line->high, row.bytes(0));
  to_little_endian(line->low, row.bytes(1));
  lines_.add(row, facts(line->row, line->pulse, line->dose_q16, received));
  order_.pop();
  return true;
}

bool Delivery::flush() {
  order_.give_up();
  return order_.front() != nullptr;
}

// The first or the last line of a scan is lost: its place is held, so that the gap that begins or ends with
// it is seen.
void Delivery::add_lost(uint64_t number, uint32_t pulse, const Received& received) {
  note_run(number);
  const Row row = lines_.row();
  for (size_t channel = 0; channel < row.channels(); ++channel)
    std::ranges::fill(row.bytes(channel), std::byte{0});
  lines_.add(row, facts(number, pulse, 0, received));
}

void Delivery::note_run(uint64_t line) {
  if (runs_.empty() || line - runs_.back().first != lines_.rows() - runs_.back().second)
    runs_.emplace_back(line, lines_.rows());
}

// Lines that are lost have no row: what the gantry counts in lines is moved to where the lines that came are.
uint64_t Delivery::rows_before(uint64_t line) const {
  const auto after = std::upper_bound(runs_.begin(), runs_.end(), std::pair{line, UINT64_MAX});
  if (after == runs_.begin()) return 0;
  const auto& [first_line, first_row] = *std::prev(after);
  const uint64_t end_row = after == runs_.end() ? lines_.rows() : after->second;
  return std::min(first_row + (line - first_line), end_row);
}

void Delivery::found(Found found) {
  if (found_.size() < max_found) return found_.push_back(std::move(found));
  device_.host().log(GARITA_LOG_WARNING, "the gantry marked more than " + std::to_string(max_found) +
                                             " places in scan " + std::to_string(scan_.scan));
}

// A place outside of the picture, or in lines that are all lost, is none: what was found is told without it.
Detection Delivery::detection_of(const Found& found) const {
  Detection detection;
  detection.vendor_code = found.code;
  detection.label = found.label;
  if (found.confidence != no_confidence) detection.confidence = found.confidence / 100.0;
  const uint64_t first_row = rows_before(found.first_line),
                 end_row = rows_before(uint64_t{found.first_line} + found.lines);
  const uint32_t end_column = std::min<uint32_t>(uint32_t{found.first_column} + found.columns, scan_.columns);
  if (first_row >= end_row || found.first_column >= end_column) return detection;
  detection.view = 0;
  detection.first_row = first_row;
  detection.rows = end_row - first_row;
  detection.first_column = found.first_column;
  detection.columns = end_column - found.first_column;
  return detection;
}

RowFacts Delivery::facts(uint64_t number, uint32_t pulse, uint32_t dose_q16, const Received& received) const {
  const auto elapsed_ns = motion_.elapsed_ns(pulse);
  const bool known = elapsed_ns && scan_.begun.utc_ns != utc_unknown;
  return {.line_index = scan_.first_sequence + number,
          .time_utc_ns = known ? scan_.begun.utc_ns + *elapsed_ns : GARITA_UTC_UNKNOWN,
          .position_um = motion_.position_um(pulse, number),
          .dose_q16 = dose_q16,
          .received = received};
}

void Delivery::end(const ScanEnd& end, std::string damage, const Time& time, const Received& received) {
  const uint64_t expected = order_.expected().value_or(0), lines = order_.counts().lines;
  const auto last = order_.last_given();
  if (last && *last + 1 < expected) add_lost(expected - 1, end.last_pulse, received);
  if (order_.overrun()) damage = "more lines came than the gantry counts";
  if (lines == 0 && expected > 0) damage = "none of " + std::to_string(expected) + " lines came";
  tell_transport(expected > lines ? expected - lines : 0);
  for (const Found& found : std::exchange(found_, {})) device_.emit(detection_of(found));
  if (!damage.empty()) return lines_.end({GARITA_SCAN_FAULT, damage, time, GARITA_DATA_CORRUPT});
  const garita_status code = end.outcome == GARITA_SCAN_FAULT ? GARITA_DEVICE_FAULT : GARITA_OK;
  lines_.end({end.outcome, end.reason, time, code});
}

void Delivery::tell_transport(uint64_t lost) {
  const OrderCounts& counts = order_.counts();
  if (lost > 0)
    device_.host().log(GARITA_LOG_WARNING,
                       "scan " + std::to_string(scan_.scan) + ": " + transport_sentence(counts, lost));
  if (auto more = transport_attributes(counts); !more.empty()) device_.emit(Attributes{std::move(more)});
}

}  // namespace garita::rapiscan
