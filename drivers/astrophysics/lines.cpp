#include "drivers/astrophysics/lines.hpp"

#include <algorithm>

namespace garita::astrophysics {
namespace {

constexpr uint32_t half = 0x80000000u;  // steps beyond this lead back

}  // namespace

BeltLines::Came BeltLines::came(uint32_t line) const {
  const uint32_t step = line - static_cast<uint32_t>(last_);
  if (rows_ == 0 || (step != 0 && step < half)) return Came::first_time;
  return may_repeat_ ? Came::again : Came::out_of_order;
}

uint64_t BeltLines::add(uint32_t line) {
  const uint64_t count = rows_ == 0 ? line : last_ + (line - static_cast<uint32_t>(last_));
  if (rows_ == 0 || count != last_ + 1) runs_.emplace_back(count, rows_);
  last_ = count;
  ++rows_;
  may_repeat_ = false;
  return count;
}

std::optional<uint64_t> BeltLines::row_of(uint32_t line) const {
  const uint32_t back = static_cast<uint32_t>(last_) - line;
  if (rows_ == 0 || back >= half || back > last_ - runs_.front().first) return std::nullopt;
  const uint64_t count = last_ - back;
  const auto after = std::upper_bound(runs_.begin(), runs_.end(), count,
                                      [](uint64_t value, const auto& run) { return value < run.first; });
  const auto& [first_line, first_row] = *(after - 1);
  const uint64_t end_row = after == runs_.end() ? rows_ : after->second;
  return std::min(first_row + (count - first_line), end_row - 1);
}

}  // namespace garita::astrophysics
