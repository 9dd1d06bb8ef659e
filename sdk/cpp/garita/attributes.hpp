// Typed metadata: attribute("conveyance.plates[0].number", "ABC1234").
//
// A key is the path of a field of the record, or com.vendor.… for a vendor's own; enum fields go by the name
// of their value, as text. The host keeps what it cannot use and flags it: metadata is never a reason to lose
// a scan.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "garita/text.hpp"
#include "garita/value.h"

namespace garita {

// One key and its value. Owns its texts.
struct Attribute {
  std::string key;
  uint32_t type = GARITA_VALUE_NONE;
  int64_t integer = 0;
  double real = 0;
  std::string bytes;  // of TEXT and BYTES

  // Valid as long as this Attribute stays where it is.
  garita_attribute packed() const { return {text(key), {type, 0, integer, real, text(bytes)}}; }
};

// A moment as a value of metadata: nanoseconds since 1970-01-01T00:00:00Z.
struct Utc {
  int64_t ns = GARITA_UTC_UNKNOWN;
};

inline Attribute attribute(std::string_view key, std::string_view value) {
  return {std::string(key), GARITA_VALUE_TEXT, 0, 0, std::string(value)};
}
inline Attribute attribute(std::string_view key, const char* value) {
  return attribute(key, std::string_view(value == nullptr ? "" : value));
}
inline Attribute attribute(std::string_view key, const std::string& value) {
  return attribute(key, std::string_view(value));
}
inline Attribute attribute(std::string_view key, std::floating_point auto value) {
  return {std::string(key), GARITA_VALUE_F64, 0, static_cast<double>(value), {}};
}
// Pointers must not turn into a bool, so only a bool is one.
inline Attribute attribute(std::string_view key, std::same_as<bool> auto value) {
  return {std::string(key), GARITA_VALUE_BOOL, value ? 1 : 0, 0, {}};
}
// A number above INT64_MAX goes as text, so that nothing is lost.
template <std::integral Integer>
requires(!std::same_as<Integer, bool>) Attribute attribute(std::string_view key, Integer value) {
  if constexpr (std::unsigned_integral<Integer> && sizeof(Integer) == 8)
    if (value > static_cast<uint64_t>(INT64_MAX)) return attribute(key, std::to_string(value));
  return {std::string(key), GARITA_VALUE_I64, static_cast<int64_t>(value), 0, {}};
}
inline Attribute attribute(std::string_view key, Utc value) {
  return {std::string(key), GARITA_VALUE_TIME, value.ns, 0, {}};
}
inline Attribute attribute(std::string_view key, std::span<const std::byte> value) {
  return {std::string(key), GARITA_VALUE_BYTES, 0, 0,
          std::string(reinterpret_cast<const char*>(value.data()), value.size())};
}

}  // namespace garita
