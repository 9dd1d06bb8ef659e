#include "drivers/nuctech/rows.hpp"

#include <algorithm>
#include <span>
#include <utility>

#include "drivers/nuctech/deinterlace.hpp"

namespace garita::nuctech {
namespace {

std::span<uint16_t> samples_of(const HeldStrip& strip, size_t count) {
  return {reinterpret_cast<uint16_t*>(strip.bytes().data()), count};
}

}  // namespace

void Rows::begin() {
  held_.clear();
  runs_.clear();
  rows_ = next_line_ = 0;
}

void Rows::hold(const Block& block) {
  held_.clear();
  held_ = device_.strips(block.raw.size() / 2, 2);
}

bool Rows::add(const Block& block, const Time& time) {
  const uint64_t line = block.first_pulse / 2, rows = block.pulses / 2;
  if (line < next_line_) return false;
  const size_t samples = block.raw.size() / sizeof(uint16_t) / 2;
  deinterlace(block.raw, samples / rows, rows, samples_of(held_[0], samples), samples_of(held_[1], samples));
  for (uint32_t channel = 0; channel < 2; ++channel) device_.emit(strip_of(block, channel, time));
  held_.clear();
  note(line, rows);
  rows_ += rows;
  next_line_ = line + rows;
  return true;
}

Strip Rows::strip_of(const Block& block, uint32_t channel, const Time& time) {
  Strip strip;
  strip.channel = channel;
  strip.first_row = rows_;
  strip.rows = block.pulses / 2;
  strip.row_stride_bytes = block.raw.size() / block.pulses;
  strip.strip = std::move(held_[channel]);
  strip.time = time;
  for (uint32_t pulse = channel; pulse < block.pulses; pulse += 2) {
    strip.line_index.push_back((uint64_t{block.first_pulse} + pulse) / 2);
    strip.dose_q16.push_back(uint32_t{block.dose_q15[pulse]} * 2);
    strip.time_utc_ns.push_back(time.utc_ns == GARITA_UTC_UNKNOWN
                                    ? time.utc_ns
                                    : time.utc_ns + int64_t{pulse} * block.pulse_us * 1000);
  }
  return strip;
}

// Beyond the limit the last run grows over gaps that are lost to it: a box may then be off, the rows are not.
void Rows::note(uint64_t line, uint64_t rows) {
  const bool follows = !runs_.empty() && line == next_line_;
  if (!follows && runs_.size() < max_runs)
    runs_.push_back({line, rows_, rows});
  else
    runs_.back().rows += rows;
}

uint64_t Rows::rows_before(uint64_t line) const {
  const auto after = std::upper_bound(runs_.begin(), runs_.end(), line, [](uint64_t wanted, const Run& run) {
    return wanted < run.first_line;
  });
  if (after == runs_.begin()) return 0;
  const Run& run = *(after - 1);
  return run.first_row + std::min(line - run.first_line, run.rows);
}

}  // namespace garita::nuctech
