#include "core/broker/grant.hpp"

#include <charconv>
#include <span>
#include <utility>

#include "garita/status.h"

namespace garita::broker {
namespace {

struct Unit {
  std::string_view name;
  uint64_t factor;
};

constexpr Unit sizes[] = {{"", 1},
                          {"B", 1},
                          {"kB", 1000},
                          {"MB", 1'000'000},
                          {"GB", 1'000'000'000},
                          {"KiB", 1u << 10},
                          {"MiB", 1u << 20},
                          {"GiB", 1u << 30}};
constexpr Unit times[] = {
    {"ms", 1'000'000}, {"s", 1'000'000'000}, {"min", 60'000'000'000}, {"h", 3'600'000'000'000}};
constexpr uint64_t longest_ns = 86'400'000'000'000;

std::optional<uint64_t> parse_number(std::string_view text, std::span<const Unit> units) {
  uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{}) return std::nullopt;
  const std::string_view unit(end, static_cast<size_t>(text.data() + text.size() - end));
  for (const Unit& each : units) {
    if (each.name != unit) continue;
    if (number == 0 || number > UINT64_MAX / 2 / each.factor) return std::nullopt;
    return number * each.factor;
  }
  return std::nullopt;
}

std::string* tls_text(TlsGrant& tls, std::string_view option) {
  if (option == "ca") return &tls.ca;
  if (option == "name") return &tls.name;
  if (option == "cert") return &tls.cert;
  return option == "key" ? &tls.key : nullptr;
}

base::Error bad(const Address& address, const std::string& option, const std::string& given, std::string wanted) {
  return {base::Outcome::usage,
          "broker.stream_option",
          {{"address", address.text}, {"option", option}, {"given", given}, {"wanted", std::move(wanted)}},
          GARITA_NOT_CONFIGURED};
}

}  // namespace

std::optional<uint64_t> parse_size_bytes(std::string_view text) { return parse_number(text, sizes); }

std::optional<uint64_t> parse_duration_ns(std::string_view text) {
  const auto duration_ns = parse_number(text, times);
  return duration_ns && *duration_ns <= longest_ns ? duration_ns : std::nullopt;
}

base::Result<Grant> Grant::parse(const Address& address) {
  const bool has_own = address.scheme == "dir" || address.scheme == "serial";
  const bool replay = address.scheme == "replay";
  const bool connected = address.scheme.starts_with("tcp") || address.scheme == "tls";
  const bool tls = address.scheme == "tls";
  Grant grant;
  for (const auto& [option, given] : address.options) {
    uint64_t* size_of = option == "max_bytes"             ? &grant.max_bytes
                        : option == "max_rate"            ? &grant.max_rate
                        : replay && option == "chunk_bytes" ? &grant.chunk_bytes
                                                          : nullptr;
    uint64_t* time_of = option == "idle" && !replay       ? &grant.idle_ns
                        : option == "alive" && connected ? &grant.alive_ns
                                                         : nullptr;
    if (size_of) {
      const auto value = parse_size_bytes(given);
      if (!value) return bad(address, option, given, "500kB, 20MB, 1GB, 64KiB, 16MiB, 2GiB");
      *size_of = *value;
    } else if (time_of) {
      const auto value = parse_duration_ns(given);
      const uint64_t least_ns = option == "alive" ? 1'000'000'000 : 0;
      if (!value || *value < least_ns) return bad(address, option, given, "500ms, 30s, 5min, 1h");
      *time_of = *value;
    } else if (std::string* text = tls ? tls_text(grant.tls, option) : nullptr; text) {
      *text = given;
    } else if (tls && option == "pin") {
      grant.tls.pin = given.starts_with("sha256:") ? base::parse_digest(given.substr(7)) : std::nullopt;
      if (!grant.tls.pin) return bad(address, option, given, "sha256:64 hex digits");
    } else if (replay && option == "stream") {
      grant.stream = given;
    } else if (!has_own) {
      return bad(address, option, given,
                 tls         ? "ca, pin, name, cert, key, max_bytes, max_rate, idle, alive"
                 : replay    ? "max_bytes, max_rate, stream, chunk_bytes"
                 : connected ? "max_bytes, max_rate, idle, alive"
                             : "max_bytes, max_rate, idle");
    }
  }
  if (tls && grant.tls.ca.empty() && !grant.tls.pin)
    return base::Error{base::Outcome::usage, "broker.tls_trust", {{"address", address.text}}, GARITA_NOT_CONFIGURED};
  if (tls && grant.tls.cert.empty() != grant.tls.key.empty())
    return bad(address, grant.tls.cert.empty() ? "cert" : "key", "", "cert=FILE&key=FILE");
  return grant;
}

}  // namespace garita::broker
