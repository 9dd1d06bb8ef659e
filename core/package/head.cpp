#include "core/package/head.hpp"

#include <algorithm>
#include <cstring>

#include "core/codec/codec.hpp"
#include "core/image/view.hpp"
#include "core/package/layout.hpp"
#include "core/package/little_endian.hpp"

namespace garita::package {
namespace {

constexpr uint32_t flag_rear_first = 1;
constexpr size_t max_name_bytes = 64;
constexpr size_t max_text_bytes = 1024;
constexpr uint64_t max_rows = uint64_t{1} << 32;

void put(Put& out, const RasterHead& head) {
  const PlaneSpec& plane = head.plane;
  out.number(plane.by_hash ? kind_by_hash : kind_raster)
      .number(static_cast<uint32_t>(plane.role))
      .number(plane.sample_type)
      .number(plane.columns);
  out.number(plane.rows).number(plane.slices).number(tile_rows);
  out.number(plane.rows_rear_first ? flag_rear_first : uint32_t{0}).number(head.source).number(head.level);
  out.number(static_cast<uint16_t>(plane.view.size())).number(static_cast<uint16_t>(plane.channel.size()));
  out.bytes(plane.view).bytes(plane.channel);
  if (plane.role != RasterRole::calibration) return;
  out.number(head.calibration_role).number(head.averaged).number(head.calibration_id).number(head.utc_ns);
}

void put(Put& out, const RecordHead& head) {
  out.number(kind_record).number(static_cast<uint16_t>(head.schema.size())).bytes(head.schema);
}

void put(Put& out, const AttachmentSpec& head) {
  out.number(kind_attachment).number(head.role).number(head.index);
  out.number(static_cast<uint16_t>(head.media_type.size())).number(static_cast<uint16_t>(head.name.size()));
  out.bytes(head.media_type).bytes(head.name);
}

void put(Put& out, const OtherHead& head) { out.number(head.kind); }

std::optional<Head> parse_raster(Take& take, bool by_hash) {
  RasterHead head;
  PlaneSpec& plane = head.plane;
  plane.by_hash = by_hash;
  const auto role = take.number<uint32_t>();
  plane.role = static_cast<RasterRole>(role);
  plane.sample_type = take.number<uint32_t>();
  plane.columns = take.number<uint32_t>();
  plane.rows = take.number<uint64_t>();
  plane.slices = take.number<uint32_t>();
  const auto rows_of_tile = take.number<uint32_t>();
  const auto flags = take.number<uint32_t>();
  plane.rows_rear_first = flags == flag_rear_first;
  head.source = take.number<uint32_t>();
  head.level = take.number<uint32_t>();
  const auto view_bytes = take.number<uint16_t>();
  const auto channel_bytes = take.number<uint16_t>();
  plane.view = take.text(view_bytes);
  plane.channel = take.text(channel_bytes);
  if (plane.role == RasterRole::calibration) {
    head.calibration_role = take.number<uint32_t>();
    head.averaged = take.number<uint32_t>();
    head.calibration_id = take.number<uint64_t>();
    head.utc_ns = take.number<int64_t>();
  }
  const bool overview = plane.role == RasterRole::overview;
  if (!take.at_end() || flags > flag_rear_first || rows_of_tile != tile_rows || !is_valid(plane))
    return std::nullopt;
  if (overview != (head.level != 0) || overview != (head.source != no_part)) return std::nullopt;
  return head;
}

std::optional<Head> parse_record(Take& take) {
  RecordHead head{take.text(take.number<uint16_t>())};
  if (!take.at_end() || head.schema.empty() || head.schema.size() > max_text_bytes) return std::nullopt;
  return head;
}

std::optional<Head> parse_attachment(Take& take) {
  AttachmentSpec head;
  head.role = take.number<uint32_t>();
  head.index = take.number<uint32_t>();
  const auto media_bytes = take.number<uint16_t>();
  const auto name_bytes = take.number<uint16_t>();
  head.media_type = take.text(media_bytes);
  head.name = take.text(name_bytes);
  if (!take.at_end() || media_bytes > max_text_bytes || name_bytes > max_text_bytes) return std::nullopt;
  return head;
}

std::string name_of(const RasterHead& head) {
  const PlaneSpec& plane = head.plane;
  const std::string name = plane.view + "/" + plane.channel;
  switch (plane.role) {
    case RasterRole::plane:
      return "plane " + name;
    case RasterRole::raw:
      return "raw plane " + name;
    case RasterRole::overview:
      return "overview " + std::to_string(head.level) + " of plane " + name;
    case RasterRole::calibration:
      break;
  }
  const bool dark = head.calibration_role == GARITA_CALIBRATION_DARK;
  return "calibration " + std::to_string(head.calibration_id) + (dark ? " dark" : " air");
}

}  // namespace

std::vector<std::byte> encode(const Head& head) {
  std::vector<std::byte> out;
  Put to(out);
  std::visit([&](const auto& some) { put(to, some); }, head);
  return out;
}

std::optional<Head> parse_head(base::Bytes value) {
  Take take(value);
  const auto kind = take.number<uint32_t>();
  if (!take.ok() || value.size() > max_head_bytes) return std::nullopt;
  switch (kind) {
    case kind_record:
      return parse_record(take);
    case kind_raster:
    case kind_by_hash:
      return parse_raster(take, kind == kind_by_hash);
    case kind_attachment:
      return parse_attachment(take);
    default:
      return OtherHead{kind};
  }
}

std::vector<std::byte> encode(const Head& head, const Tail& tail) {
  std::vector<std::byte> out;
  Put to(out);
  to.number(tail.leaves);
  if (std::holds_alternative<RasterHead>(head)) to.number(tail.rows);
  if (std::holds_alternative<AttachmentSpec>(head)) to.number(tail.size_bytes).bytes(tail.sha256);
  return out;
}

std::optional<Tail> parse_tail(const Head& head, base::Bytes value) {
  Tail tail;
  Take take(value);
  tail.leaves = take.number<uint64_t>();
  if (std::holds_alternative<OtherHead>(head)) return take.ok() ? std::optional(tail) : std::nullopt;
  if (std::holds_alternative<RasterHead>(head)) tail.rows = take.number<uint64_t>();
  if (std::holds_alternative<AttachmentSpec>(head)) {
    tail.size_bytes = take.number<uint64_t>();
    const base::Bytes sha256 = take.bytes(digest_bytes);
    if (take.ok()) std::memcpy(tail.sha256.data(), sha256.data(), digest_bytes);
  }
  return take.at_end() ? std::optional(tail) : std::nullopt;
}

void encode(const TileHead& tile, std::vector<std::byte>& out) {
  Put(out).number(tile.codec).number(uint16_t{0}).number(tile.rows);
}

std::optional<TileHead> parse_tile(base::Bytes value) {
  TileHead tile;
  Take take(value);
  tile.codec = take.number<uint16_t>();
  const auto zero = take.number<uint16_t>();
  tile.rows = take.number<uint32_t>();
  if (!take.ok() || zero != 0 || tile.rows < 1 || tile.rows > tile_rows) return std::nullopt;
  return tile;
}

std::optional<TileHead> parse_tile(const PlaneSpec& plane, base::Bytes value) {
  const auto tile = parse_tile(value);
  const bool hash = tile && tile->codec == codec_hash;
  if (!tile || hash != plane.by_hash || (hash && value.size() != tile_head_bytes + digest_bytes))
    return std::nullopt;
  return tile;
}

std::string place_of(const Head& head) {
  if (const auto* raster = std::get_if<RasterHead>(&head)) return name_of(*raster);
  if (const auto* attachment = std::get_if<AttachmentSpec>(&head))
    return "attachment " + std::to_string(attachment->index);
  if (std::holds_alternative<RecordHead>(head)) return "record";
  return "part of kind " + std::to_string(std::get<OtherHead>(head).kind);
}

bool is_name(std::string_view text) {
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  };
  return !text.empty() && text.size() <= max_name_bytes && std::all_of(text.begin(), text.end(), fits);
}

bool is_valid(const PlaneSpec& spec) {
  const bool calibration = spec.role == RasterRole::calibration;
  const auto named = [&](const std::string& text) { return is_name(text) || (calibration && text.empty()); };
  if (!named(spec.view) || !named(spec.channel)) return false;
  if (spec.role < RasterRole::plane || spec.role > RasterRole::calibration) return false;
  if (spec.by_hash && spec.role != RasterRole::plane) return false;
  if (sample_bytes(spec) == 0 || spec.columns < 1 || spec.columns > codec::max_columns) return false;
  if (spec.rows == unknown_rows) return spec.slices == 1 && !calibration;
  return spec.rows >= 1 && spec.rows <= max_rows;
}

uint64_t tiles_a_slice(const PlaneSpec& spec) {
  return spec.rows == unknown_rows ? UINT64_MAX : (spec.rows + tile_rows - 1) / tile_rows;
}

TilePlace place_of_tile(const PlaneSpec& spec, uint64_t ordinal) {
  const uint64_t count = tiles_a_slice(spec);
  TilePlace place{ordinal / count, tile_rows};
  const uint64_t first_row = ordinal % count * tile_rows;
  if (spec.rows != unknown_rows)
    place.rows = static_cast<uint32_t>(std::min<uint64_t>(tile_rows, spec.rows - first_row));
  return place;
}

uint64_t tiles_of(const PlaneSpec& spec, uint64_t rows) {
  if (spec.rows == unknown_rows) return rows / tile_rows + (rows % tile_rows != 0);
  const uint64_t rest = rows % spec.rows;
  return rows / spec.rows * tiles_a_slice(spec) + rest / tile_rows + (rest % tile_rows != 0);
}

uint32_t sample_bytes(const PlaneSpec& spec) { return image::sample_size_bytes(spec.sample_type); }

}  // namespace garita::package
