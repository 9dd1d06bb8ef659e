// Time: monotonic for waiting, UTC for writing down. Both in nanoseconds; UTC counts from 1970-01-01 without
// leap seconds, so int64_t reaches from 1677 to 2262.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace garita::base {

// From any thread.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual uint64_t monotonic_ns()
      const = 0;                       // never goes back; zero is any moment, the same for the whole machine
  virtual int64_t utc_ns() const = 0;  // goes where the operator sets it
};

class SystemClock final : public Clock {
 public:
  uint64_t monotonic_ns() const override;
  int64_t utc_ns() const override;
};

const Clock& system_clock();

// A clock that stands until it is told to go on: for tests and for output that must not depend on the hour.
class ManualClock final : public Clock {
 public:
  explicit ManualClock(int64_t utc_ns = 0, uint64_t monotonic_ns = 0)
      : monotonic_ns_(monotonic_ns), utc_ns_(utc_ns) {}

  uint64_t monotonic_ns() const override { return monotonic_ns_; }
  int64_t utc_ns() const override { return utc_ns_; }

  void advance(uint64_t by_ns) {
    monotonic_ns_ += by_ns;
    utc_ns_ += static_cast<int64_t>(by_ns);
  }
  void set_utc_ns(int64_t utc_ns) { utc_ns_ = utc_ns; }

 private:
  std::atomic<uint64_t> monotonic_ns_;
  std::atomic<int64_t> utc_ns_;
};

// ISO 8601 in UTC, "2026-03-01T12:34:56.123456789Z". Fraction digits: 0, 3, 6 or 9, the fewest that lose
// nothing, unless given (then cut, not rounded). Never asks the locale.
std::string format_utc(int64_t utc_ns);
std::string format_utc(int64_t utc_ns, unsigned fraction_digits);

// Reads what format_utc writes, and any ISO 8601 date-time with seconds, 0 to 9 fraction digits and "Z" or an
// offset
// ("+02:00"). nullopt: not such a text, no such day or hour, or beyond int64_t. A leap second (":60") is
// refused.
std::optional<int64_t> parse_utc(std::string_view text);

}  // namespace garita::base
