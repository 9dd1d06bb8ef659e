// The bytes of a package: header, frame, statement, footer. FORMAT.md says what each field means.
//
//   file    header, chunk …, seal chunk, index chunk, footer chunk
//   chunk   frame (32 bytes), body
//
//   header  64 bytes                            frame  32 bytes
//    0  magic    89 47 41 52 49 54 41 0A         0  type      4 letters
//    8  u16      version, 1                      4  check     first 4 bytes of SHA-256(u64 offset of the
//    chunk ‖
//   10  u16      minor version, 0 or 1                        frame with zeros here)
//   12  u32      64                              8  u64       size of the body
//   16  16 bytes nonce                          16  u32       part, FFFFFFFF where none
//   32  i64      UTC of creation, ns            20  u32       1: withheld
//   40  24 bytes zeros                          24  u64       ordinal
//
//   statement (body of CKPT and SEAL)           footer (body of FOOT)  32 bytes
//    0  16 bytes "garita.package/1"              0  u64       offset of the index chunk
//   16  u16      1 checkpoint, 2 seal            8  u64       size of the file
//   18  u16      algorithm                      16  16 bytes  first of the SHA-256 of the index chunk's body
//   20  u32      sequence
//   24  i64      UTC, ns
//   32  32 bytes root
//   64  u16      size of the public key
//   66  …        public key (DER), then the signature over all before it, to the end
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/bytes.hpp"
#include "core/base/digest.hpp"
#include "core/base/result.hpp"
#include "core/base/signature.hpp"

namespace garita::package {

inline constexpr size_t header_bytes = 64;
inline constexpr size_t frame_bytes = 32;
inline constexpr size_t footer_bytes = 32;
inline constexpr size_t salt_bytes = 16;
inline constexpr size_t digest_bytes = 32;
inline constexpr size_t leaf_overhead_bytes = digest_bytes + salt_bytes;
inline constexpr size_t leaf_room =
    frame_bytes + digest_bytes + salt_bytes;     // what a leaf's value stands behind
inline constexpr size_t block_bytes = 1u << 20;  // of an attachment

// What a file may hold at most; a reader that meets more refuses.
inline constexpr uint32_t max_parts = 8192;
inline constexpr uint64_t max_leaves = 1u << 21;  // of all parts together
inline constexpr uint64_t max_leaf_bytes = 72u << 20;
inline constexpr size_t max_head_bytes = 4096;
inline constexpr size_t max_statement_bytes = 1024;
inline constexpr size_t max_path_bytes = 1024;
inline constexpr size_t max_field_bytes = 4u << 20;
inline constexpr uint64_t max_record_bytes = 256u << 20;

constexpr uint32_t four(const char (&letters)[5]) {
  uint32_t value = 0;
  for (int i = 3; i >= 0; --i) value = value << 8 | static_cast<uint8_t>(letters[i]);
  return value;
}

enum class ChunkType : uint32_t {
  head = four("HEAD"),        // a part begins
  data = four("DATA"),        // one leaf of its body
  tail = four("TAIL"),        // it ends
  hide = four("HIDE"),        // ordinal 0: a whole part, ordinal 1: the body of one, withheld
  checkpoint = four("CKPT"),  // what came so far, signed
  seal = four("SEAL"),        // all, signed
  index = four("INDX"),       // where everything lies
  footer = four("FOOT"),      // where the index lies
};

inline constexpr uint32_t flag_withheld = 1;

struct Frame {
  ChunkType type = ChunkType::head;
  uint64_t body_bytes = 0;
  uint32_t part = UINT32_MAX;
  uint32_t flags = 0;
  uint64_t ordinal = 0;
};

inline constexpr uint16_t minor_first = 0, minor_by_hash = 1;  // 1 knows rasters kept by their hashes

struct Header {
  uint16_t minor = 0;
  std::array<uint8_t, salt_bytes> nonce{};
  int64_t utc_ns = 0;
};

enum class StatementKind : uint16_t { checkpoint = 1, seal = 2 };

struct Statement {
  StatementKind kind = StatementKind::checkpoint;
  base::SignatureAlgorithm algorithm{};
  uint32_t sequence = 0;
  int64_t utc_ns = 0;
  base::Digest root{};
  std::vector<uint8_t> public_key_der;
};

struct Footer {
  uint64_t index_offset = 0, file_bytes = 0;
  std::array<uint8_t, 16> index_check{};
};

std::array<std::byte, header_bytes> encode(const Header& header);
// nullopt: no package, another version, or bytes that must be zero are not. See is_magic, version_of.
std::optional<Header> parse_header(base::Bytes bytes);
bool begins_like_package(base::Bytes bytes);  // as far as bytes go; false for none
uint16_t version_of(base::Bytes header);

std::array<std::byte, frame_bytes> encode(const Frame& frame, uint64_t offset);
std::optional<Frame> parse_frame(base::Bytes bytes, uint64_t offset);  // nullopt: check, type or flags wrong

// What is signed; the signature goes behind it.
std::vector<std::byte> encode(const Statement& statement);
struct SignedStatement {
  Statement statement;
  base::Bytes message, signature;  // inside the bytes parsed
};
std::optional<SignedStatement> parse_statement(base::Bytes body);

std::array<std::byte, footer_bytes> encode(const Footer& footer);
Footer parse_footer(base::Bytes body);  // footer_bytes of them

}  // namespace garita::package
