#include "tools/garita-sim/nuctech/fault.hpp"

#include <cstring>
#include <iterator>
#include <span>
#include <utility>

#include "drivers/nuctech/frame.hpp"

namespace garita::sim {
namespace {

constexpr const char* kinds[] = {"none", "drop", "cut", "lose", "twice", "order", "flip", "length", "clock"};

void append(std::vector<std::byte>& out, const std::vector<std::byte>& bytes) {
  out.insert(out.end(), bytes.begin(), bytes.end());
}

void lengthen(std::vector<std::byte>& frame) {
  uint32_t length = 0;
  std::memcpy(&length, frame.data(), sizeof length);
  length += 4;
  std::memcpy(frame.data(), &length, sizeof length);
  const uint32_t sum = nuctech::crc32c(std::span(frame).first(12));
  std::memcpy(frame.data() + 12, &sum, sizeof sum);
}

}  // namespace

base::Result<Fault> parse_fault(const std::string& text) {
  const base::Error bad{base::Outcome::usage, "sim.bad_fault", {{"given", text}}};
  const size_t colon = text.find(':');
  if (colon == std::string::npos) return bad;
  const std::string digits = text.substr(colon + 1);
  if (digits.empty() || digits.size() > 9 || digits.find_first_not_of("0123456789") != std::string::npos)
    return bad;
  for (size_t kind = 1; kind < std::size(kinds); ++kind)
    if (text.substr(0, colon) == kinds[kind])
      return Fault{static_cast<Fault::Kind>(kind), std::stoull(digits)};
  return bad;
}

bool Saboteur::pass(std::vector<std::byte> frame, std::vector<std::byte>& out) {
  const bool strikes = fault_.kind != Fault::Kind::none && sent_ == fault_.message;
  const Fault::Kind kind = strikes ? fault_.kind : Fault::Kind::none;
  ++sent_;
  if (kind == Fault::Kind::drop) return false;
  if (kind == Fault::Kind::cut) frame.resize(frame.size() / 2);
  if (kind == Fault::Kind::flip) frame[frame.size() / 2] ^= std::byte{0x10};
  if (kind == Fault::Kind::length) lengthen(frame);
  if (kind == Fault::Kind::order) return held_ = std::move(frame), true;
  if (kind != Fault::Kind::lose) append(out, frame);
  if (kind == Fault::Kind::twice) append(out, frame);
  append(out, std::exchange(held_, {}));
  return kind != Fault::Kind::cut;
}

}  // namespace garita::sim
