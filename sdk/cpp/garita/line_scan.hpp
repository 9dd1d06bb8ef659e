// Rows of n channels -> strips: memory, per-row arrays, numbering and cut of one view of a line-scan device.
//
//   Row row = lines_.row();                       // takes every strip the row needs; may unwind, so before
//   consume() split<uint16_t>(pixels, row);                 // or row.channel<uint16_t>(0)[…] = …
//   lines_.add(row, {.line_index = n, .dose_q16 = dose});
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "garita/device.hpp"

namespace garita {

// Room for one row, a span a channel, in the host's memory. Valid until add(), or until the step ends.
class Row {
 public:
  explicit Row(std::vector<std::span<std::byte>> channels) : channels_(std::move(channels)) {}

  size_t channels() const { return channels_.size(); }
  std::span<std::byte> bytes(size_t channel) const { return channels_.at(channel); }

  // The samples of one channel, `columns` of them; Sample must be as wide as the view's sample type.
  template <typename Sample>
  std::span<Sample> channel(size_t channel) const {
    const std::span<std::byte> row = channels_.at(channel);
    return {reinterpret_cast<Sample*>(row.data()), row.size() / sizeof(Sample)};
  }

 private:
  std::vector<std::span<std::byte>> channels_;
};

// What the device says of one row. A scan's first row decides which of these the scan has; all later rows
// must have them.
struct RowFacts {
  std::optional<uint64_t> line_index = {};  // strictly increasing: unwrap counters, see Unwrapped
  std::optional<int64_t> time_utc_ns = {};  // GARITA_UTC_UNKNOWN in single rows
  std::optional<int64_t> position_um = {};
  std::optional<uint32_t> dose_q16 = {};  // GARITA_DOSE_ONE = the air lines' mean
  Received received = {};                 // of the row's last byte
};

class LineScan : public Part {
 public:
  // view  Index into the scan's views.
  // strip_bytes  About how large a strip becomes; less where the host or the rules want less. Small strips
  // arrive sooner.
  explicit LineScan(Device& device, uint32_t view = 0, uint64_t strip_bytes = 1 << 20)
      : Part(device), view_(view), wanted_bytes_(strip_bytes) {}

  // Emits the scan's begin and starts with its view. For a scan of several views: device.emit(begin), then
  // start() each.
  void begin(ScanBegin scan) {
    if (view_ >= scan.views.size())
      fail(GARITA_DRIVER_FAULT, "the driver began a scan without the view it scans");
    const View view = scan.views[view_];
    device_.emit(std::move(scan));
    start(view);
  }
  void start(const View& view);

  // Room for the next row of every channel. Unwinds with TIMEOUT while the pool is empty: call it before
  // consume().
  Row row();

  // The row is written: counts it, and emits the strips when they are full.
  void add(const Row& row, const RowFacts& facts = {});

  // Emits what is held and the scan's end.
  void end(ScanEnd end = {}) { device_.emit(std::move(end)); }

  uint64_t rows() const { return first_row_ + held_rows(); }  // added since start()
  uint64_t rows_per_strip() const { return rows_per_strip_; }

  void flush_rows() override;
  void drop_rows() override {
    strips_.clear();
    facts_.clear();
  }

 private:
  uint32_t held_rows() const { return static_cast<uint32_t>(facts_.size()); }
  void check(const RowFacts& facts) const;
  Strip strip_of(uint32_t channel);
  template <typename Value>
  std::vector<Value> column(std::optional<Value> RowFacts::*member) const;

  uint32_t view_;
  uint64_t wanted_bytes_;
  uint64_t stride_ = 0;
  uint32_t channels_ = 0;
  uint64_t rows_per_strip_ = 0;
  uint64_t first_row_ = 0;                // of the strips in hand
  std::vector<HeldStrip> strips_;         // one a channel, or none
  std::vector<RowFacts> facts_;           // of the rows in hand
  std::optional<RowFacts> first_, last_;  // of this scan
};

inline void LineScan::start(const View& view) {
  const uint64_t most_bytes =
      std::min<uint64_t>(device_.host().limits().max_strip_bytes, GARITA_MAX_STRIP_BYTES);
  drop_rows();
  stride_ = uint64_t{view.columns} * sample_size_bytes(view.sample_type);
  channels_ = static_cast<uint32_t>(view.channels.size());
  first_row_ = 0;
  first_.reset();
  last_.reset();
  if (stride_ == 0 || stride_ > most_bytes || channels_ == 0 || channels_ > GARITA_MAX_CHANNELS)
    fail(GARITA_INVALID_ARGUMENT, "view '" + view.name + "' has rows of " + std::to_string(stride_) +
                                      " bytes in " + std::to_string(channels_) +
                                      " channels, which no strip can hold");
  // The channels' strips go out one after the other, and may not run further apart than this.
  const uint64_t most_rows = channels_ > 1 ? GARITA_MAX_CHANNEL_SKEW : GARITA_MAX_STRIP_ROWS;
  rows_per_strip_ = std::clamp<uint64_t>(std::min(wanted_bytes_, most_bytes) / stride_, 1, most_rows);
}

inline Row LineScan::row() {
  if (stride_ == 0 || !device_.in_scan())
    fail(GARITA_WRONG_STATE, "the driver asked for a row outside a scan");
  if (strips_.empty()) strips_ = device_.strips(stride_ * rows_per_strip_, channels_);
  std::vector<std::span<std::byte>> channels;
  channels.reserve(channels_);
  for (const HeldStrip& strip : strips_)
    channels.push_back(strip.bytes().subspan(held_rows() * stride_, stride_));
  return Row(std::move(channels));
}

inline void LineScan::add(const Row&, const RowFacts& facts) {
  if (strips_.empty()) fail(GARITA_WRONG_STATE, "the driver added a row that it did not ask for");
  check(facts);
  if (!first_) first_ = facts;
  last_ = facts;
  facts_.push_back(facts);
  if (held_rows() == rows_per_strip_) flush_rows();
}

// A scan has an array for all its rows or for none, and its lines are counted upwards.
inline void LineScan::check(const RowFacts& facts) const {
  if (!first_) return;
  if (facts.line_index.has_value() != first_->line_index.has_value() ||
      facts.time_utc_ns.has_value() != first_->time_utc_ns.has_value() ||
      facts.position_um.has_value() != first_->position_um.has_value() ||
      facts.dose_q16.has_value() != first_->dose_q16.has_value())
    fail(GARITA_DRIVER_FAULT, "the driver gives some rows of a scan facts that others lack");
  if (facts.line_index && *facts.line_index <= *last_->line_index)
    fail(GARITA_DATA_CORRUPT, "line " + std::to_string(*facts.line_index) + " came after line " +
                                  std::to_string(*last_->line_index));
}

inline void LineScan::flush_rows() {
  if (facts_.empty()) return drop_rows();
  for (uint32_t channel = 0; channel < channels_; ++channel) device_.emit(strip_of(channel));
  first_row_ += held_rows();
  drop_rows();
}

inline Strip LineScan::strip_of(uint32_t channel) {
  Strip strip;
  strip.view = view_;
  strip.channel = channel;
  strip.first_row = first_row_;
  strip.rows = held_rows();
  strip.row_stride_bytes = stride_;
  strip.strip = std::move(strips_[channel]);
  const RowFacts& first = facts_.front();
  strip.time =
      first.time_utc_ns ? device_time(*first.time_utc_ns, first.received) : host_time(first.received);
  strip.line_index = column(&RowFacts::line_index);
  strip.time_utc_ns = column(&RowFacts::time_utc_ns);
  strip.position_um = column(&RowFacts::position_um);
  strip.dose_q16 = column(&RowFacts::dose_q16);
  return strip;
}

template <typename Value>
std::vector<Value> LineScan::column(std::optional<Value> RowFacts::*member) const {
  std::vector<Value> values;
  if (!(facts_.front().*member)) return values;
  values.reserve(facts_.size());
  for (const RowFacts& facts : facts_) values.push_back(*(facts.*member));
  return values;
}

// A device's counter of Bits bits, continued without wrapping. Steps back of less than half its range are
// kept as such.
template <typename Counter>
class Unwrapped {
 public:
  uint64_t operator()(Counter counter) {
    static_assert(Counter(-1) > Counter(0), "an unsigned type, as wide as the device's counter");
    const auto step = static_cast<Counter>(counter - static_cast<Counter>(value_));
    if (!started_)
      value_ = counter;
    else if (step <= Counter(-1) / 2)
      value_ += step;
    else
      value_ -= static_cast<Counter>(Counter(0) - step);
    started_ = true;
    return value_;
  }
  void restart() { started_ = false; }

 private:
  uint64_t value_ = 0;
  bool started_ = false;
};

}  // namespace garita
