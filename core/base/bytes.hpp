// Bytes: a read-only view of memory, made without casts from whatever holds bytes (std::byte, uint8_t, char).
#pragma once

#include <cstddef>
#include <cstdint>
#include <ranges>
#include <span>
#include <string_view>
#include <type_traits>

namespace garita::base {

template <typename T>
concept ByteLike = std::is_same_v<T, std::byte> || std::is_same_v<T, uint8_t> || std::is_same_v<T, char>;

// A contiguous range of one-byte elements; not a char array, whose closing NUL nobody means.
template <typename R>
concept ByteRange = std::ranges::contiguous_range<R> && std::ranges::sized_range<R> &&
    ByteLike<std::remove_cv_t<std::ranges::range_value_t<R>>> &&
    !(std::is_array_v<std::remove_reference_t<R>> &&
      std::is_same_v<std::remove_cv_t<std::ranges::range_value_t<R>>, char>);

// Borrowed: whoever passes it keeps the memory alive for the length of the call.
class Bytes : public std::span<const std::byte> {
 public:
  constexpr Bytes() = default;
  Bytes(const void* data, size_t size_bytes)
      : std::span<const std::byte>(static_cast<const std::byte*>(data), size_bytes) {}
  Bytes(const char* text) : Bytes(text, std::string_view(text).size()) {}
  template <ByteRange R>
  Bytes(const R& range) : Bytes(std::ranges::data(range), std::ranges::size(range)) {}

  const uint8_t* bytes() const { return reinterpret_cast<const uint8_t*>(data()); }
  std::string_view text() const { return {reinterpret_cast<const char*>(data()), size()}; }
};

}  // namespace garita::base
