#include "core/broker/address.hpp"

#include <algorithm>
#include <charconv>

namespace garita::broker {
namespace {

constexpr size_t max_address_bytes = 4096;
constexpr size_t max_options = 32;

base::Error bad(std::string_view text, std::string_view id) {
  return {base::Outcome::usage, std::string(id), {{"address", std::string(text.substr(0, 200))}}, 0};
}

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

bool is_scheme(std::string_view text) {
  if (text.empty() || text.size() > 32 || !is_letter(text.front())) return false;
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return is_letter(c) || is_digit(c) || c == '-'; });
}

bool is_key(std::string_view text) {
  if (text.empty() || text.size() > 64) return false;
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return is_letter(c) || is_digit(c) || c == '_' || c == '-' || c == '.'; });
}

// key=value pairs joined by '&'; nothing where the text is anything else.
bool parse_options(std::string_view text, std::map<std::string, std::string>& options) {
  while (true) {
    const size_t end = text.find('&');
    const std::string_view pair = text.substr(0, end);
    const size_t equals = pair.find('=');
    if (equals == pair.npos || !is_key(pair.substr(0, equals)) || options.size() == max_options) return false;
    if (!options.emplace(pair.substr(0, equals), pair.substr(equals + 1)).second) return false;
    if (end == text.npos) return true;
    text.remove_prefix(end + 1);
  }
}

std::string_view take_options(std::string_view rest, std::map<std::string, std::string>& options) {
  const size_t question = rest.rfind('?');
  std::map<std::string, std::string> found;
  if (question == rest.npos || !parse_options(rest.substr(question + 1), found)) return rest;
  options = std::move(found);
  return rest.substr(0, question);
}

// host:port or [v6]:port; the error's id where it is neither, else nothing.
std::string_view split_authority(std::string_view text, Address& address) {
  const bool bracketed = text.starts_with('[');
  const size_t end = bracketed ? text.find(']') : text.find(':');
  if (end == text.npos) return bracketed ? "broker.address_brackets" : "broker.address_no_port";
  const std::string_view host = bracketed ? text.substr(1, end - 1) : text.substr(0, end);
  std::string_view rest = text.substr(end + (bracketed ? 1 : 0));
  if (host.empty()) return "broker.address_no_host";
  if (host.find_first_of(" []/@?#") != host.npos) return "broker.address_host";
  if (!rest.starts_with(':')) return "broker.address_no_port";
  rest.remove_prefix(1);
  if (rest.find(':') != rest.npos) return "broker.address_brackets";
  uint32_t port = 0;
  const auto [stop, error] = std::from_chars(rest.data(), rest.data() + rest.size(), port);
  if (error != std::errc{} || stop != rest.data() + rest.size() || port < 1 || port > 65535)
    return "broker.address_port";
  address.host = host;
  address.port = static_cast<uint16_t>(port);
  return {};
}

}  // namespace

base::Result<Address> Address::parse(std::string_view text) {
  if (text.size() > max_address_bytes) return bad(text, "broker.address_too_long");
  if (std::any_of(text.begin(), text.end(), is_control)) return bad(text, "broker.address_control");
  const size_t colon = text.find(':');
  if (colon == text.npos || !is_scheme(text.substr(0, colon))) return bad(text, "broker.address_no_kind");

  Address address;
  address.text = text;
  address.scheme = text.substr(0, colon);
  for (char& c : address.scheme) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
  const std::string_view rest = take_options(text.substr(colon + 1), address.options);
  if (!rest.starts_with("//") || rest.starts_with("///")) {
    address.path = rest.starts_with("///") ? rest.substr(2) : rest;
    if (address.path.empty()) return bad(text, "broker.address_empty");
    return address;
  }
  if (const auto id = split_authority(rest.substr(2), address); !id.empty()) return bad(text, id);
  return address;
}

}  // namespace garita::broker
