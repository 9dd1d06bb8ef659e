#include "drivers/rapiscan/order.hpp"

#include <algorithm>

namespace garita::rapiscan {

void Order::begin(uint8_t mode, uint16_t columns, uint32_t first_sequence) {
  const uint32_t window = window_;
  *this = Order(window);
  mode_ = mode;
  columns_ = columns;
  first_sequence_ = first_sequence;
}

void Order::put(const Line& line) {
  const uint64_t index = line.sequence - first_sequence_;  // modulo 2^32: the counter may wrap within a scan
  const uint64_t row = index / mode_;
  const Energy energy = mode_ == 1 ? Energy::both : index % 2 == 0 ? Energy::high : Energy::low;
  if (row >= max_rows || line.columns != columns_ || line.energy != energy) return void(++counts_.damaged);
  if (row < next_) return void(++(given_up_.contains(row) ? counts_.late : counts_.doubled));

  Assembled& own = waiting_[row];
  const size_t half = line.samples.size() / (energy == Energy::both ? 2 : 1);
  std::vector<std::byte>& first = energy == Energy::low ? own.low : own.high;
  if (!first.empty()) return void(++counts_.doubled);
  counts_.put_right += highest_ && index < highest_index_ ? 1 : 0;
  const auto samples = line.samples.begin();
  first.assign(samples, samples + static_cast<ptrdiff_t>(half));
  if (energy == Energy::both) own.low.assign(samples + static_cast<ptrdiff_t>(half), line.samples.end());
  own.row = row;
  if (energy != Energy::low) own.pulse = line.pulse, own.dose_q16 = line.dose_q16;
  highest_index_ = std::max(highest_ ? highest_index_ : 0, index);
  highest_ = std::max(highest_.value_or(0), row);
}

const Assembled* Order::front() {
  while (!waiting_.empty()) {
    const auto& [row, line] = *waiting_.begin();
    if (row == next_ && line.whole()) return &line;
    const bool waits = !closed_ && *highest_ - next_ < window_;
    if (waits) return nullptr;
    if (row == next_)
      forget_front();
    else
      advance_to(closed_ ? row : std::min(row, *highest_ - window_ + 1));
  }
  return nullptr;
}

void Order::pop() {
  last_given_ = next_;
  ++next_;
  ++counts_.lines;
  waiting_.erase(waiting_.begin());
}

// One energy came and the other did not.
void Order::forget_front() {
  ++counts_.halved;
  waiting_.erase(waiting_.begin());
  advance_to(next_ + 1);
}

void Order::advance_to(uint64_t row) {
  const uint64_t first = row - next_ > remembered ? row - remembered : next_;
  for (uint64_t lost = first; lost < row; ++lost) given_up_.insert(lost);
  while (given_up_.size() > remembered) given_up_.erase(given_up_.begin());
  next_ = row;
}

// An odd datagram more of mode 2 is a line, too, of which one energy was never sent.
void Order::expect(uint32_t datagrams) { expected_ = (uint64_t{datagrams} + mode_ - 1) / mode_; }

}  // namespace garita::rapiscan
