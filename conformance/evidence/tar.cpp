#include "conformance/evidence/tar.hpp"

#include <algorithm>
#include <cstring>

namespace garita::conformance {
namespace {

constexpr size_t size_at = 124, size_digits = 11, checksum_at = 148;

void put(TarBlock& block, size_t at, std::string_view text) {
  std::copy(text.begin(), text.end(), block.begin() + static_cast<std::ptrdiff_t>(at));
}

void put_octal(TarBlock& block, size_t at, size_t digits, uint64_t value) {
  for (size_t i = digits; i-- > 0; value >>= 3) block[at + i] = static_cast<char>('0' + (value & 7));
}

}  // namespace

TarBlock tar_header(std::string_view name, uint64_t size_bytes) {
  TarBlock block{};
  put(block, 0, name.substr(0, max_member_name_bytes));
  put(block, 100, "0000644");
  put(block, 108, "0000000");
  put(block, 116, "0000000");
  put_octal(block, size_at, size_digits, size_bytes);
  put(block, 136, "00000000000");
  put(block, checksum_at, "        ");
  block[156] = '0';
  put(block, 257, "ustar");
  put(block, 263, "00");
  uint64_t sum = 0;
  for (const char c : block) sum += static_cast<unsigned char>(c);
  put_octal(block, checksum_at, 6, sum);
  block[checksum_at + 6] = '\0';
  return block;
}

std::optional<TarMember> read_tar_header(const TarBlock& block) {
  TarMember member;
  member.name.assign(block.data(), strnlen(block.data(), max_member_name_bytes));
  for (size_t i = 0; i < size_digits; ++i) {
    const char digit = block[size_at + i];
    if (digit < '0' || digit > '7') return std::nullopt;
    member.size_bytes = member.size_bytes << 3 | static_cast<uint64_t>(digit - '0');
  }
  if (member.name.empty() || tar_header(member.name, member.size_bytes) != block) return std::nullopt;
  return member;
}

}  // namespace garita::conformance
