// The one form of tar that a bundle has: POSIX ustar, regular files, every byte of a header decided by name
// and size.
//
//   offset 0    name       100  plain, NUL-filled          156  typeflag  1   '0'
//          100  mode         8  "0000644\0"                257  magic     6   "ustar\0"
//          108  uid, gid  8, 8  "0000000\0" each           263  version   2   "00"
//          124  size        12  eleven octal digits, NUL   265  uname, gname, devices, prefix: NULs
//          136  mtime       12  "00000000000\0"            500  padding  12   NULs
//          148  chksum       8  six octal digits, NUL, space
//
// A member's bytes follow, filled with NULs to 512; two blocks of NULs end the archive, and nothing stands
// behind them. A reader makes the header anew from name and size and takes no other: there is nowhere to hide
// a byte.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace garita::conformance {

inline constexpr size_t tar_block_bytes = 512;
inline constexpr size_t max_member_name_bytes = 99;
using TarBlock = std::array<char, tar_block_bytes>;

// name: at most max_member_name_bytes; size_bytes < 8 GiB.
TarBlock tar_header(std::string_view name, uint64_t size_bytes);

struct TarMember {
  std::string name;
  uint64_t size_bytes = 0;
};

// nullopt: not exactly what tar_header makes for some name and size.
std::optional<TarMember> read_tar_header(const TarBlock& block);

constexpr uint64_t tar_padding_bytes(uint64_t size_bytes) {
  return (tar_block_bytes - size_bytes % tar_block_bytes) % tar_block_bytes;
}

}  // namespace garita::conformance
