#include "tools/garita-sim/given.hpp"

#include <algorithm>
#include <charconv>

#include "core/base/clock.hpp"

namespace garita::sim {
namespace {

constexpr size_t max_text_bytes = 64;
constexpr int64_t most_ahead_s = int64_t{3650} * 86400;

bool take_seconds(std::string_view text, int64_t& out) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc() && end == text.data() + text.size() && out >= -most_ahead_s &&
         out <= most_ahead_s;
}

bool take(std::string_view word, std::string_view text, Given& out) {
  if (text.empty() || text.size() > max_text_bytes) return false;
  if (word == "ahead") return take_seconds(text, out.ahead_s);
  if (word == "again") return out.again = true, text == "1";
  std::string* const own = word == "plate"       ? &out.plate
                           : word == "container" ? &out.container
                           : word == "serial"    ? &out.serial
                                                 : nullptr;
  if (own != nullptr) *own = text;
  return own != nullptr;
}

std::string first_of(const std::string& told, std::string drawn) {
  return told.empty() ? std::move(drawn) : told;
}

}  // namespace

base::Result<Given> parse_given(std::string_view text) {
  Given own;
  while (!text.empty()) {
    const std::string_view part = text.substr(0, text.find(','));
    text.remove_prefix(std::min(text.size(), part.size() + 1));
    const size_t equals = part.find('=');
    if (equals == part.npos || !take(part.substr(0, equals), part.substr(equals + 1), own))
      return base::Error{base::Outcome::usage, "sim.bad_value", {{"option", "--given"}}};
  }
  return own;
}

Given& given() {
  static Given own;
  return own;
}

std::string plate_or(std::string drawn) { return first_of(given().plate, std::move(drawn)); }
std::string container_or(std::string drawn) { return first_of(given().container, std::move(drawn)); }
std::string serial_or(std::string drawn) { return first_of(given().serial, std::move(drawn)); }
uint64_t passage_or(uint64_t number) { return given().again ? 0 : number; }

int64_t now_utc_ns() { return base::system_clock().utc_ns() + given().ahead_s * 1'000'000'000; }

}  // namespace garita::sim
