// Texts across the boundary: garita_text <-> std::string_view.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "garita/value.h"

namespace garita {

// A view of `bytes`, which must outlive it. What is longer than 4 GiB is cut.
constexpr garita_text text(std::string_view bytes) {
  const auto size = bytes.size() < UINT32_MAX ? static_cast<uint32_t>(bytes.size()) : UINT32_MAX;
  return {bytes.data(), size, 0};
}

constexpr std::string_view view(const garita_text& text) {
  return text.data == nullptr ? std::string_view() : std::string_view(text.data, text.size_bytes);
}

// The longest start of `bytes` that fits into `limit_bytes`, ends between two code points and holds no NUL.
constexpr std::string_view cut_text(std::string_view bytes, size_t limit_bytes) {
  bytes = bytes.substr(0, bytes.find('\0'));
  if (bytes.size() <= limit_bytes) return bytes;
  size_t end = limit_bytes;
  // A code point has at most three bytes after its first: more than that is not UTF-8 and is cut where it
  // stands.
  for (size_t back = 0; back < 4 && end > back; ++back)
    if ((static_cast<unsigned char>(bytes[end - back]) & 0xC0) != 0x80) return bytes.substr(0, end - back);
  return bytes.substr(0, end);
}

}  // namespace garita
