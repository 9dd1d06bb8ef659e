// How a part describes itself: the values of its head and tail leaves, and of a tile.
//
//   head, any      u32 kind, then by kind:
//   record    1    u16 size, schema name ("garita.v1.Inspection")
//   raster    2    u32 role, u32 sample type, u32 columns, u64 rows of a slice (FF…: unknown), u32 slices (0:
//   unknown),
//                  u32 rows of a tile (128), u32 flags (1: rear first), u32 source part (FFFFFFFF: none), u32
//                  level, u16 size of view, u16 size of channel, view, channel; role calibration only: u32
//                  calibration role, u32 averaged, u64 id, i64 UTC ns
//   by hash   4    as raster, of role plane: a tile is its SHA-256 alone
//   attachment 3   u32 role, u32 index, u16 size of media type, u16 size of name, media type, name
//
//   tail, any      u64 leaves of the body, then by kind:
//   raster         u64 rows stored, over all slices
//   attachment     u64 size, SHA-256 of all its bytes
//
//   tile           u16 codec, u16 0, u32 rows, code; by hash: codec 0, SHA-256 of its pixels as stored
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/base/bytes.hpp"
#include "core/base/digest.hpp"
#include "core/package/plane.hpp"

namespace garita::package {

inline constexpr uint32_t kind_record = 1, kind_raster = 2, kind_attachment = 3, kind_by_hash = 4;
inline constexpr std::string_view record_schema = "garita.v1.Inspection";

struct RasterHead {
  PlaneSpec plane;  // for role calibration too: view, channel, sample type, columns, rows
  uint32_t source = no_part, level = 0;
  uint32_t calibration_role = 0, averaged = 0;
  uint64_t calibration_id = 0;
  int64_t utc_ns = 0;
};

struct RecordHead {
  std::string schema;
};

struct OtherHead {
  uint32_t kind = 0;  // of a newer minor version: hashed, not understood
};

using Head = std::variant<RasterHead, RecordHead, AttachmentSpec, OtherHead>;

struct Tail {
  uint64_t leaves = 0;
  uint64_t rows = 0;        // raster
  uint64_t size_bytes = 0;  // attachment
  base::Digest sha256{};    // attachment
};

struct TileHead {
  uint16_t codec = 0;
  uint32_t rows = 0;
};
inline constexpr size_t tile_head_bytes = 8;
inline constexpr uint16_t codec_hash = 0;  // no code: the SHA-256 of the pixels

std::vector<std::byte> encode(const Head& head);
std::optional<Head> parse_head(base::Bytes value);  // nullopt: it contradicts itself or this page
std::vector<std::byte> encode(const Head& head, const Tail& tail);
std::optional<Tail> parse_tail(const Head& head, base::Bytes value);

void encode(const TileHead& tile, std::vector<std::byte>& out);
std::optional<TileHead> parse_tile(base::Bytes value);  // value behind it is the code
// The same, of a raster with this head: nullopt where pixels stand for a hash, or a hash for pixels.
std::optional<TileHead> parse_tile(const PlaneSpec& plane, base::Bytes value);

// "plane side/high", "calibration 7 air", "attachment 0", "record": where a fault lies, the same in all
// languages.
std::string place_of(const Head& head);
bool is_valid(const PlaneSpec& spec);
bool is_name(std::string_view text);  // 1 … 64 of [a-z0-9_-]

// Where the rows of a raster lie. Tiles are numbered slice after slice.
struct TilePlace {
  uint64_t slice = 0;
  uint32_t rows = tile_rows;  // that the tile has if the scan did not end in it
};
uint64_t tiles_a_slice(const PlaneSpec& spec);  // max where the rows are unknown
TilePlace place_of_tile(const PlaneSpec& spec, uint64_t ordinal);
uint64_t tiles_of(const PlaneSpec& spec, uint64_t rows);  // that hold so many rows, stored over all slices
uint32_t sample_bytes(const PlaneSpec& spec);

}  // namespace garita::package
