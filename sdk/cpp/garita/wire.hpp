// Numbers in bytes of a wire or a file, whatever their alignment; every read is checked.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <type_traits>

#include "garita/error.hpp"

namespace garita {

// sizeof(Number) bytes at `from`, unchecked.
template <typename Number>
Number read_as(const std::byte* from, std::endian order = std::endian::little) {
  static_assert(std::is_arithmetic_v<Number> && std::endian::native == std::endian::little);
  std::byte bytes[sizeof(Number)];
  for (size_t i = 0; i < sizeof(Number); ++i)
    bytes[i] = order == std::endian::little ? from[i] : from[sizeof(Number) - 1 - i];
  Number number;
  std::memcpy(&number, bytes, sizeof(number));
  return number;
}

// The number at `offset`. Unwinds with DATA_CORRUPT where it does not lie inside.
template <typename Number>
Number read_little(std::span<const std::byte> bytes, size_t offset, std::endian order = std::endian::little) {
  if (offset > bytes.size() || bytes.size() - offset < sizeof(Number))
    fail(GARITA_DATA_CORRUPT, "a field at byte " + std::to_string(offset) + " lies outside its frame of " +
                                  std::to_string(bytes.size()) + " bytes");
  return read_as<Number>(bytes.data() + offset, order);
}
template <typename Number>
Number read_big(std::span<const std::byte> bytes, size_t offset) {
  return read_little<Number>(bytes, offset, std::endian::big);
}

}  // namespace garita
