#include <algorithm>

#include "core/base/ids.hpp"
#include "core/exchange/transport/transport.hpp"

namespace garita::exchange {
namespace {

constexpr size_t hex_digits = 2 * sizeof(base::Digest);

std::string number(uint64_t value) {
  std::string digits = std::to_string(value);
  return std::string(digits.size() < 8 ? 8 - digits.size() : 0, '0') + digits;
}

std::string name_of(const base::Digest& content, char kind, const std::string& rest) {
  return base::to_text(content) + '.' + kind + rest;
}

std::string text_of(const Place& place) { return base::to_hex(place.lane) + '-' + number(place.sequence); }

struct Namer {
  std::string operator()(const Chunk& chunk) const {
    return name_of(chunk.content, 'c', number(chunk.index));
  }
  std::string operator()(const Manifest& manifest) const {
    return name_of(manifest.content, 'm', text_of(manifest.place));
  }
  std::string operator()(const Receipt& receipt) const {
    return name_of(receipt.content, 'r', text_of(receipt.place));
  }
  std::string operator()(const Progress& progress) const {
    return name_of(progress.content, 'p', text_of(progress.place));
  }
};

bool is_hex(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

}  // namespace

std::string message_name(const What& what) { return std::visit(Namer{}, what); }

bool is_message_name(std::string_view name) {
  constexpr size_t longest = hex_digits + 2 + 32 + 1 + 20;
  if (name.size() < hex_digits + 3 || name.size() > longest || name[hex_digits] != '.') return false;
  if (!is_hex(name.substr(0, hex_digits)) ||
      std::string_view("cmrp").find(name[hex_digits + 1]) == std::string_view::npos)
    return false;
  std::string rest(name.substr(hex_digits + 2));
  std::erase(rest, '-');
  return is_hex(rest);
}

}  // namespace garita::exchange
