//   UUIDv7, 16 bytes, big endian:  unix_ms 48 | 7 (4 bits) | fraction of the ms 12 | 10 (2 bits) | random 62
#include "core/base/ids.hpp"

#include <algorithm>

namespace garita::base {

namespace {

constexpr std::string_view hex_digits = "0123456789abcdef";
constexpr std::string_view base64_digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

int base64_value(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  return c == '+' ? 62 : c == '/' ? 63 : -1;
}

}  // namespace

Result<Uuid> uuid_v7(const Clock& clock, Random& random) {
  Uuid uuid;
  GARITA_TRY(random.fill(std::span(uuid.bytes).subspan(8)));
  const int64_t utc_ns = clock.utc_ns();
  const uint64_t utc = utc_ns > 0 ? static_cast<uint64_t>(utc_ns) : 0;  // no version 7 before 1970
  const uint64_t milliseconds = utc / 1'000'000;
  const auto fraction = static_cast<uint32_t>(utc % 1'000'000 * 4096 / 1'000'000);
  for (size_t i = 0; i < 6; ++i) uuid.bytes[i] = static_cast<uint8_t>(milliseconds >> (40 - 8 * i));
  uuid.bytes[6] = static_cast<uint8_t>(0x70 | fraction >> 8);
  uuid.bytes[7] = static_cast<uint8_t>(fraction);
  uuid.bytes[8] = static_cast<uint8_t>(0x80 | (uuid.bytes[8] & 0x3F));
  return uuid;
}

std::string to_text(const Uuid& uuid) {
  std::string text = to_hex(uuid.bytes);
  for (const size_t at : {20, 16, 12, 8}) text.insert(at, 1, '-');
  return text;
}

std::optional<Uuid> parse_uuid(std::string_view text) {
  if (text.size() != 36) return std::nullopt;
  std::string digits;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool hyphen = i == 8 || i == 13 || i == 18 || i == 23;
    if (hyphen != (text[i] == '-')) return std::nullopt;
    if (!hyphen) digits += text[i];
  }
  const auto bytes = from_hex(digits);
  if (!bytes) return std::nullopt;
  Uuid uuid;
  std::copy(bytes->begin(), bytes->end(), uuid.bytes.begin());
  return uuid;
}

int64_t utc_ns_of(const Uuid& uuid_v7) {
  uint64_t milliseconds = 0;
  for (size_t i = 0; i < 6; ++i) milliseconds = milliseconds << 8 | uuid_v7.bytes[i];
  constexpr uint64_t latest = INT64_MAX / 1'000'000;
  return static_cast<int64_t>(milliseconds < latest ? milliseconds : latest) * 1'000'000;
}

std::string to_hex(Bytes bytes) {
  std::string text;
  text.reserve(2 * bytes.size());
  for (const std::byte byte : bytes) {
    text += hex_digits[std::to_integer<size_t>(byte >> 4)];
    text += hex_digits[std::to_integer<size_t>(byte & std::byte{15})];
  }
  return text;
}

std::optional<std::vector<uint8_t>> from_hex(std::string_view text) {
  if (text.size() % 2 != 0) return std::nullopt;
  std::vector<uint8_t> bytes;
  bytes.reserve(text.size() / 2);
  for (size_t i = 0; i < text.size(); i += 2) {
    const int high = hex_value(text[i]), low = hex_value(text[i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    bytes.push_back(static_cast<uint8_t>(high << 4 | low));
  }
  return bytes;
}

std::string to_base64(Bytes bytes) {
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (size_t i = 0; i < bytes.size(); i += 3) {
    const size_t have = bytes.size() - i < 3 ? bytes.size() - i : 3;
    uint32_t group = 0;
    for (size_t k = 0; k < 3; ++k)
      group = group << 8 | (k < have ? std::to_integer<uint32_t>(bytes[i + k]) : 0);
    for (size_t k = 0; k < 4; ++k) text += k <= have ? base64_digits[group >> (18 - 6 * k) & 63] : '=';
  }
  return text;
}

std::optional<std::vector<uint8_t>> from_base64(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  std::vector<uint8_t> bytes;
  bytes.reserve(text.size() / 4 * 3);
  const size_t padding = text.ends_with("==") ? 2 : text.ends_with("=") ? 1 : 0;
  const size_t digits = text.size() - padding;
  for (size_t i = 0; i < text.size(); i += 4) {
    uint32_t group = 0;
    for (size_t k = i; k < i + 4; ++k) {
      const int value = k < digits ? base64_value(text[k]) : 0;
      if (value < 0) return std::nullopt;
      group = group << 6 | static_cast<uint32_t>(value);
    }
    const size_t have = i + 4 <= digits ? 3 : 3 - padding;
    for (size_t k = 0; k < 3; ++k) {
      const auto byte = static_cast<uint8_t>(group >> (16 - 8 * k));
      if (k < have) bytes.push_back(byte);
      if (k >= have && byte != 0) return std::nullopt;
    }
  }
  return bytes;
}

}  // namespace garita::base
