// Fixed numbers of bytes, as protobuf holds them: in a string. Private to core/exchange/messages.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace garita::exchange {

// False, and nothing copied, where it is another number of bytes.
template <size_t N>
bool copy(std::string_view from, std::array<uint8_t, N>& to) {
  if (from.size() != N) return false;
  std::copy(from.begin(), from.end(), to.begin());
  return true;
}

template <size_t N>
std::string text_of(const std::array<uint8_t, N>& bytes) {
  return {bytes.begin(), bytes.end()};
}

}  // namespace garita::exchange
