// Words, numbers and moments as N42 files write them, and as they write them wrongly. Pure; no call throws
// for what a file says.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "garita/time.hpp"

namespace garita::n42 {

std::string_view trim(std::string_view text);

// Equal but for the case of ASCII letters.
bool same_word(std::string_view a, std::string_view b);
// `word`, in lower case, occurs in `text` of any case.
bool mentions(std::string_view text, std::string_view word);

// Trimmed UTF-8 without control characters, cut at a code point. What is not UTF-8 is taken as Latin-1.
std::string clean(std::string_view text, size_t limit_bytes);

// A single finite number; a decimal comma is understood.
std::optional<double> number(std::string_view text);
std::optional<bool> truth(std::string_view text);

// ISO 8601 ("PT1M2.5S"), or plain seconds with or without their unit. ≤ 100 years.
std::optional<uint64_t> duration_ns(std::string_view text);

// The uncertainty of a moment whose zone is not known.
inline constexpr int64_t unknown_zone_ns = int64_t{14} * 3600 * 1000000000;

// ISO 8601 with or without a zone, years 1900 … 2250. Without a zone: taken as UTC, uncertain by 14 h.
std::optional<Time> moment(std::string_view text);

// µSv/h in one of `unit`; nothing where it is none of equivalent dose. Empty: µSv/h, as N42-2012 has it.
std::optional<double> microsievert_per_h(std::string_view unit);
// m/s in one of `unit`; empty: m/s.
std::optional<double> metres_per_s(std::string_view unit);

// "137Cs", "CS 137", "cs137m" -> "Cs-137m"; what is no such name stays as it is.
std::string nuclide(std::string_view name);

// The numbers of a list parted by white space, commas or semicolons, one after the other.
class Numbers {
 public:
  explicit Numbers(std::string_view text) : rest_(text) {}

  // False at the end. What is not a finite number gives 0 and sets bad().
  bool next(double& value);
  bool bad() const { return bad_; }

 private:
  std::string_view rest_;
  bool bad_ = false;
};

}  // namespace garita::n42
