// The record as leaves: one for each value that is set, so that a file can hash, sign and withhold each by
// itself, and a reader without protobuf can show them.
//
//   leaf       path (UTF-8, `conveyance.containers[0].number`), value bytes
//   value      tag (1 byte), payload to the end of the leaf; integers and binary64 little-endian
//
//     't'  text, UTF-8                 'b'  one byte, 0 or 1
//     'y'  bytes                       'e'  word of an enum value, UTF-8; decimal digits for a number without
//     a word 'i'  int64                       'm'  empty: a message or list element that is there without any
//     value in it 'u'  uint64                      'D'  series of binary64, 8 bytes each 'd'  binary64 'I'
//     series of int64, 8 bytes each
//
// Lists of numbers are one leaf ('D', 'I'). A list of messages marked `series` in the proto is one 'I' leaf
// too, the fields of each element in the order of their numbers: lost_lines is first_row, rows, first_row,
// rows, … Leaves stand depth-first, by field number, then by index. A path occurs once.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "garita/v1/inspection.pb.h"

namespace garita::record {

struct Leaf {
  std::string path;
  std::string value;  // tag and payload

  bool operator==(const Leaf&) const = default;
};

inline constexpr size_t max_leaves = 1u << 18;
inline constexpr size_t max_leaf_path_bytes = 256;
inline constexpr size_t max_leaf_value_bytes = 4u << 20;
inline constexpr size_t max_leaves_bytes = 256u << 20;  // of all together

// Every set value. Text that is not UTF-8 gets U+FFFD, elements beyond their list's limit are left out
// (enforce_limits counts them), so that what is written can be read.
std::vector<Leaf> leaves(const v1::Inspection& inspection);

struct DecodedLeaves {
  v1::Inspection inspection;
  std::vector<Leaf>
      unknown;  // paths and words that this version does not have: a newer minor version wrote them
};

// Leaves may be missing (withheld): elements before the first one that is there come out empty. Errors name
// the path: record.leaf_twice, _tag, _size, _value, _index, _path, _limit.
base::Result<DecodedLeaves> decode_leaves(std::span<const Leaf> leaves);
base::Result<v1::Inspection> from_leaves(std::span<const Leaf> leaves);  // without the unknown ones

}  // namespace garita::record
