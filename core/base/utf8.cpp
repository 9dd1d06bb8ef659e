#include "core/base/utf8.hpp"

namespace garita::base {

namespace {

// What a lead byte announces: how long, and what its second byte may be (RFC 3629, section 4; the bounds of
// the second byte shut out overlong forms, surrogates and what lies above U+10FFFF).
struct Lead {
  uint32_t size_bytes;
  uint8_t second_low;
  uint8_t second_high;
};

Lead lead_of(uint8_t byte) {
  if (byte < 0x80) return {1, 0, 0};
  if (byte < 0xC2) return {0, 0, 0};
  if (byte < 0xE0) return {2, 0x80, 0xBF};
  if (byte == 0xE0) return {3, 0xA0, 0xBF};
  if (byte == 0xED) return {3, 0x80, 0x9F};
  if (byte < 0xF0) return {3, 0x80, 0xBF};
  if (byte == 0xF0) return {4, 0x90, 0xBF};
  if (byte < 0xF4) return {4, 0x80, 0xBF};
  if (byte == 0xF4) return {4, 0x80, 0x8F};
  return {0, 0, 0};
}

}  // namespace

CodePoint first_code_point(std::string_view text) {
  const auto at = [&](uint32_t i) { return static_cast<uint8_t>(text[i]); };
  const Lead lead = lead_of(at(0));
  if (lead.size_bytes == 1) return {at(0), 1, true};
  if (lead.size_bytes == 0) return {0xFFFD, 1, false};
  char32_t value = at(0) & (0x7F >> lead.size_bytes);
  for (uint32_t i = 1; i < lead.size_bytes; ++i) {
    const uint8_t low = i == 1 ? lead.second_low : 0x80;
    const uint8_t high = i == 1 ? lead.second_high : 0xBF;
    if (i >= text.size() || at(i) < low || at(i) > high) return {0xFFFD, i, false};
    value = value << 6 | (at(i) & 0x3F);
  }
  return {value, lead.size_bytes, true};
}

bool is_valid_utf8(std::string_view text) {
  while (!text.empty()) {
    if (static_cast<uint8_t>(text[0]) < 0x80) {  // most of all text
      text.remove_prefix(1);
      continue;
    }
    const CodePoint next = first_code_point(text);
    if (!next.valid) return false;
    text.remove_prefix(next.size_bytes);
  }
  return true;
}

std::string valid_utf8(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const CodePoint next = first_code_point(text);
    if (next.valid) {
      out.append(text.substr(0, next.size_bytes));
    } else {
      append_utf8(out, 0xFFFD);
    }
    text.remove_prefix(next.size_bytes);
  }
  return out;
}

void append_utf8(std::string& text, char32_t code_point) {
  if (code_point > 0x10FFFF || (code_point >= 0xD800 && code_point <= 0xDFFF)) code_point = 0xFFFD;
  const auto put = [&](uint32_t byte) { text += static_cast<char>(byte); };
  if (code_point < 0x80) {
    put(code_point);
  } else if (code_point < 0x800) {
    put(0xC0 | code_point >> 6), put(0x80 | (code_point & 0x3F));
  } else if (code_point < 0x10000) {
    put(0xE0 | code_point >> 12), put(0x80 | (code_point >> 6 & 0x3F)), put(0x80 | (code_point & 0x3F));
  } else {
    put(0xF0 | code_point >> 18), put(0x80 | (code_point >> 12 & 0x3F));
    put(0x80 | (code_point >> 6 & 0x3F)), put(0x80 | (code_point & 0x3F));
  }
}

std::string_view cut_at_code_point(std::string_view text, size_t max_bytes) {
  if (text.size() <= max_bytes) return text;
  size_t end = max_bytes;
  // A code point has at most three bytes after its lead: further back there is no text to save.
  for (int back = 0; back < 3 && end > 0 && (static_cast<uint8_t>(text[end]) & 0xC0) == 0x80; ++back) --end;
  if ((static_cast<uint8_t>(text[end]) & 0xC0) == 0x80) end = max_bytes;
  return text.substr(0, end);
}

}  // namespace garita::base
