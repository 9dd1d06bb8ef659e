// 64-bit numbers as little-endian bytes. Private to core/record; the host is little-endian (abi rule 6).
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace garita::record {

template <typename T>
void append_le64(std::string& bytes, T value) {
  static_assert(sizeof(T) == 8);
  char raw[8];
  std::memcpy(raw, &value, 8);
  bytes.append(raw, 8);
}

// bytes has at least index * 8 + 8 bytes.
template <typename T>
T le64_at(std::string_view bytes, size_t index = 0) {
  static_assert(sizeof(T) == 8);
  T value;
  std::memcpy(&value, bytes.data() + index * 8, 8);
  return value;
}

}  // namespace garita::record
