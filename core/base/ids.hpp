// Identifiers and the texts that carry bytes: UUIDv7 (RFC 9562), hex, Base64 (RFC 4648).
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/bytes.hpp"
#include "core/base/clock.hpp"
#include "core/base/random.hpp"
#include "core/base/result.hpp"

namespace garita::base {

struct Uuid {
  std::array<uint8_t, 16> bytes{};  // in the order of the text, most significant first
  auto operator<=>(const Uuid&) const = default;
  bool is_nil() const { return *this == Uuid{}; }
};

// Version 7: 48 bits of UTC milliseconds, 12 bits of the millisecond's fraction (RFC 9562 6.2, method 3), 62
// random bits. So ids made more than a quarter of a microsecond apart sort in the order in which they were
// made.
Result<Uuid> uuid_v7(const Clock& clock = system_clock(), Random& random = system_random());

std::string to_text(const Uuid& uuid);                  // "0192f0c1-8a3e-7b44-9c0d-1a2b3c4d5e6f"
std::optional<Uuid> parse_uuid(std::string_view text);  // that form, either case; any version
int64_t utc_ns_of(const Uuid& uuid_v7);                 // the time in it, cut to milliseconds

std::string to_hex(Bytes bytes);  // lower case
// Either case; nullopt for an odd length or anything that is not a hex digit.
std::optional<std::vector<uint8_t>> from_hex(std::string_view text);

std::string to_base64(Bytes bytes);  // with padding, no line breaks
// Strict: padding present, no spaces, unused bits zero; so one value has one text.
std::optional<std::vector<uint8_t>> from_base64(std::string_view text);

}  // namespace garita::base
