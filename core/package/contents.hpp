// What a package holds, by hash and place, without the pixels: what the writer grows, the index stores and
// the root binds.
//
//   leaf       SHA-256(0x00 ‖ salt (16) ‖ u32 size of path ‖ path ‖ value)
//   node       SHA-256(0x01 ‖ left ‖ right)
//   part       node(head leaf, node(body, tail leaf)); body = tree of its leaves; 32 zeros for a tail yet to
//   come root       node(package leaf, tree of the parts); package leaf: salt = the header's nonce, path
//   "package",
//              value = header (64) ‖ u32 number of parts
//
// A tree of n hashes is that of RFC 6962, 2.1 (core/base/merkle.hpp). Paths: "part/P" for a head,
// "part/P/end" for a tail, "part/P/N" for leaf N of a body; in the record odd leaves are the values and have
// their field's path instead.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/digest.hpp"
#include "core/base/merkle.hpp"
#include "core/package/head.hpp"
#include "core/package/layout.hpp"
#include "core/package/reader.hpp"

namespace garita::package {

base::Digest salted_leaf(base::Bytes salt, std::string_view path, base::Bytes value);
std::string head_path(uint32_t part);
std::string tail_path(uint32_t part);
std::string leaf_path(uint32_t part, uint64_t ordinal);

struct StoredLeaf {
  uint64_t offset = 0;  // of its chunk
  base::Digest hash{};
};

struct Part {
  Withheld withheld = Withheld::nothing;
  std::optional<Head> head;                                    // not of a part withheld whole
  std::optional<Tail> tail;                                    // once it has ended
  uint64_t head_offset = 0, hide_offset = 0, tail_offset = 0;  // of the chunks; 0 where there is none
  base::Digest head_hash{}, tail_hash{};
  base::Digest hidden_root{};  // of the body or the whole, where withheld
  std::vector<StoredLeaf> leaves;
  base::MerkleTree body;  // over leaves, kept up by add()

  void add(const StoredLeaf& leaf);
  bool ended() const { return tail.has_value() || withheld == Withheld::whole; }
  base::Digest root() const;
  std::string place() const;  // "plane side/high"; "part" where it is withheld whole
};

struct Contents {
  std::array<std::byte, header_bytes> header_bytes_read{};
  Header header;
  std::vector<Part> parts;
  uint64_t leaf_count = 0;   // of all parts
  uint64_t seal_offset = 0;  // of its chunk

  base::Digest root() const;
  // What a chunk is, for people: "plane side/high, tile 3".
  std::string place(const Frame& frame, uint64_t offset) const;
};

// The index chunk's body: u64 offset of the seal chunk, u32 parts, then for each
//   u32 withheld (0, 1 body, 2 whole), u64 offsets of head, hide and tail chunk (0: none; whole: hide only),
//   u64 leaves, then for each u64 offset of its chunk, 32 bytes hash
std::vector<std::byte> encode_index(const Contents& contents);
// Offsets and hashes; heads and tails are still to be read. nullopt: it contradicts itself or the limits.
struct Index {
  uint64_t seal_offset = 0;
  std::vector<Part> parts;
};
std::optional<Index> parse_index(base::Bytes body);

}  // namespace garita::package
