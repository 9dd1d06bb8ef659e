#include "core/package/reader.hpp"

#include <algorithm>
#include <cstring>
#include <list>

#include "core/codec/codec.hpp"
#include "core/package/errors.hpp"
#include "core/package/random_access.hpp"

namespace garita::package {
namespace {

// A decoded tile, kept for the next row.
struct CachedTile {
  uint32_t part = 0;
  uint64_t ordinal = 0;
  std::vector<std::byte> pixels;
};

uint64_t rows_in_slice(const PlaneInfo& plane, uint64_t slice) {
  return std::min(plane.rows_a_slice, plane.rows - slice * plane.rows_a_slice);
}

uint64_t row_bytes(const PlaneInfo& plane) { return uint64_t{plane.spec.columns} * sample_bytes(plane.spec); }

PlaneInfo plane_info(const RasterHead& head, const Part& part, uint32_t number, uint64_t rows) {
  PlaneInfo info{head.plane, number, rows, head.plane.rows, 0, true, part.withheld, head.source, head.level};
  if (head.plane.rows == unknown_rows) info.rows_a_slice = rows;
  if (rows > 0) info.slices = static_cast<uint32_t>((rows + info.rows_a_slice - 1) / info.rows_a_slice);
  const bool announced = head.plane.rows != unknown_rows && head.plane.slices != 0;
  info.complete = part.ended() && (!announced || rows == head.plane.rows * head.plane.slices);
  return info;
}

}  // namespace

class Reader::Impl {
 public:
  Impl(Proved proved, const ReaderOptions& options) : proved_(std::move(proved)), options_(options) {}

  base::Result<void> list_parts() {
    for (uint32_t i = 0; i < proved_.contents.parts.size(); ++i) GARITA_TRY(list(i));
    return {};
  }

  // self: this, as its derivers know it.
  base::Result<void> read_window(Reader& self, const PlaneInfo& plane, uint64_t first_row, uint64_t rows,
                                 uint32_t first_column, uint32_t columns, std::span<std::byte> out) {
    const uint64_t bytes = uint64_t{columns} * sample_bytes(plane.spec);
    const uint64_t skipped = uint64_t{first_column} * sample_bytes(plane.spec);
    if (columns == 0 || columns > plane.spec.columns || first_column > plane.spec.columns - columns ||
        rows > plane.rows || first_row > plane.rows - rows || out.size() / bytes != rows || out.size() % bytes != 0) {
      return error_at(base::Outcome::no, "package.rows_missing", proved_.path, place(plane.part));
    }
    for (uint64_t i = 0; i < rows; ++i)
      GARITA_TRY(read_row(self, plane, first_row + i, skipped, out.subspan(i * bytes, bytes)));
    return {};
  }

  base::Result<void> read_rows(Reader& self, const PlaneInfo& plane, uint64_t first_row, uint64_t rows,
                               std::span<std::byte> out) {
    return read_window(self, plane, first_row, rows, 0, plane.spec.columns, out);
  }

  base::Result<std::vector<std::byte>> read_calibration(Reader& self, const CalibrationInfo& calibration) {
    const auto& head = std::get<RasterHead>(*proved_.contents.parts[calibration.part].head);
    const Part& part = proved_.contents.parts[calibration.part];
    if (!part.tail) return torn(proved_.path, part.place());
    const PlaneInfo plane = plane_info(head, part, calibration.part, part.tail->rows);
    if (plane.rows * row_bytes(plane) > max_record_bytes) return too_large(part);
    std::vector<std::byte> out(plane.rows * row_bytes(plane));
    GARITA_TRY(read_rows(self, plane, 0, plane.rows, out));
    return out;
  }

  base::Result<std::vector<std::byte>> read_attachment(const AttachmentInfo& attachment, uint64_t max_bytes) {
    const Part& part = proved_.contents.parts[attachment.part];
    if (!part.tail) return torn(proved_.path, part.place());
    if (attachment.size_bytes > max_bytes) return too_large(part);
    if (part.withheld != Withheld::nothing) {
      return error_at(base::Outcome::no, "package.withheld", proved_.path, part.place());
    }
    std::vector<std::byte> out;
    for (uint64_t i = 0; i < part.leaves.size(); ++i) {
      GARITA_TRY_ASSIGN(block,
                        read_leaf(proved_, attachment.part, i, leaf_path(attachment.part, i), buffer_));
      if (block.size() > attachment.size_bytes - out.size()) return malformed(proved_.path, part.place());
      out.insert(out.end(), block.begin(), block.end());
    }
    if (base::sha256(out) != attachment.sha256) return hash_mismatch(proved_.path, part.place());
    return out;
  }

  base::Result<std::vector<FieldInfo>> read_record() {
    std::vector<FieldInfo> fields;
    if (!record_) return fields;
    const Part& part = proved_.contents.parts[*record_];
    uint64_t size_bytes = 0;
    for (uint64_t i = 0; i + 1 < part.leaves.size(); i += 2) {
      GARITA_TRY_ASSIGN(field, read_field(i));
      size_bytes += field.path.size() + field.value.size();
      if (size_bytes > max_record_bytes) return too_large(part);
      fields.push_back(std::move(field));
    }
    return fields;
  }

  Proved proved_;
  const ReaderOptions options_;
  std::vector<PlaneInfo> planes_, overviews_;
  std::vector<CalibrationInfo> calibrations_;
  std::vector<AttachmentInfo> attachments_;
  uint32_t parts_withheld_ = 0;
  std::shared_ptr<Deriver> deriver_;

 private:
  std::string place(uint32_t part) const { return proved_.contents.parts[part].place(); }
  base::Error too_large(const Part& part) const {
    return error_at(base::Outcome::no, "package.larger_than_asked", proved_.path, part.place());
  }

  base::Result<void> list(uint32_t number) {
    const Part& part = proved_.contents.parts[number];
    parts_withheld_ += part.withheld == Withheld::whole ? 1 : 0;
    if (!part.head) return {};
    const Tail tail = part.tail.value_or(Tail{});
    if (const auto* spec = std::get_if<AttachmentSpec>(&*part.head)) {
      attachments_.push_back({*spec, number, tail.size_bytes, tail.sha256, part.withheld});
    } else if (std::holds_alternative<RecordHead>(*part.head)) {
      if (record_) return malformed(proved_.path, "record");
      record_ = number;
    } else if (const auto* head = std::get_if<RasterHead>(&*part.head)) {
      return list_raster(number, *head);
    }
    return {};
  }

  base::Result<void> list_raster(uint32_t number, const RasterHead& head) {
    const Part& part = proved_.contents.parts[number];
    const PlaneSpec& plane = head.plane;
    if (plane.role == RasterRole::calibration) {
      const CalibrationSpec spec{plane.view,
                                 plane.channel,
                                 head.calibration_role,
                                 head.calibration_id,
                                 plane.sample_type,
                                 plane.columns,
                                 static_cast<uint32_t>(std::min<uint64_t>(plane.rows, UINT32_MAX)),
                                 head.averaged,
                                 head.utc_ns};
      calibrations_.push_back({spec, number, part.withheld});
      return {};
    }
    uint64_t rows = 0;
    if (part.tail) {
      rows = part.tail->rows;
    } else {
      GARITA_TRY_ASSIGN(counted, count_rows(number, plane));
      rows = counted;
    }
    auto& list = plane.role == RasterRole::overview ? overviews_ : planes_;
    list.push_back(plane_info(head, part, number, rows));
    return {};
  }

  // Of a part that a torn file leaves open: all tiles are as their places have them, only the last may be
  // shorter.
  base::Result<uint64_t> count_rows(uint32_t number, const PlaneSpec& plane) {
    const Part& part = proved_.contents.parts[number];
    if (part.leaves.empty()) return uint64_t{0};
    const uint64_t last = part.leaves.size() - 1;
    GARITA_TRY_ASSIGN(value, read_leaf(proved_, number, last, leaf_path(number, last), buffer_));
    const auto tile = parse_tile(plane, value);
    const TilePlace at = place_of_tile(plane, last);
    if (!tile || tile->rows > at.rows) return malformed(proved_.path, part.place());
    const uint64_t slice_rows = plane.rows == unknown_rows ? 0 : at.slice * plane.rows;
    const uint64_t in_slice = last - (at.slice == 0 ? 0 : at.slice * tiles_a_slice(plane));
    return slice_rows + in_slice * tile_rows + tile->rows;
  }

  // The bytes behind the first `skipped` ones of a row.
  base::Result<void> read_row(Reader& self, const PlaneInfo& plane, uint64_t row, uint64_t skipped,
                              std::span<std::byte> out) {
    const uint64_t slice = row / plane.rows_a_slice;
    uint64_t in_slice = row % plane.rows_a_slice;
    if (plane.spec.rows_rear_first) in_slice = rows_in_slice(plane, slice) - 1 - in_slice;
    const uint64_t first_tile = slice == 0 ? 0 : slice * tiles_a_slice(plane.spec);
    GARITA_TRY_ASSIGN(tile, load_tile(self, plane, first_tile + in_slice / tile_rows));
    const uint64_t offset = in_slice % tile_rows * row_bytes(plane) + skipped;
    std::copy_n(tile->pixels.begin() + static_cast<ptrdiff_t>(offset), out.size(), out.begin());
    return {};
  }

  base::Result<const CachedTile*> load_tile(Reader& self, const PlaneInfo& plane, uint64_t ordinal) {
    for (auto it = cache_.begin(); it != cache_.end(); ++it) {
      if (it->part != plane.part || it->ordinal != ordinal) continue;
      cache_.splice(cache_.begin(), cache_, it);
      return &cache_.front();
    }
    CachedTile tile;
    if (cache_.size() >= std::max<size_t>(options_.cached_tiles, 1)) {
      tile = std::move(cache_.back());  // its memory is warm
      cache_.pop_back();
    }
    tile.part = plane.part;
    tile.ordinal = ordinal;
    GARITA_TRY(decode(self, plane, ordinal, tile.pixels));
    cache_.push_front(std::move(tile));
    return &cache_.front();
  }

  base::Result<void> decode(Reader& self, const PlaneInfo& plane, uint64_t ordinal,
                            std::vector<std::byte>& pixels) {
    GARITA_TRY_ASSIGN(value,
                      read_leaf(proved_, plane.part, ordinal, leaf_path(plane.part, ordinal), buffer_));
    const Frame frame{ChunkType::data, 0, plane.part, 0, ordinal};
    const auto bad = [&] { return malformed(proved_.path, proved_.contents.place(frame, 0)); };
    const auto tile = parse_tile(plane.spec, value);
    if (!tile || tile->rows != rows_of_tile(plane, ordinal)) return bad();
    const codec::Shape shape{tile->rows, plane.spec.columns, sample_bytes(plane.spec)};
    if (plane.spec.by_hash) {
      base::Digest hash{};
      std::copy_n(value.bytes() + tile_head_bytes, hash.size(), hash.begin());
      return derive(self, plane, ordinal, shape, hash, pixels);
    }
    if (!decoder_ || decoder_id_ != tile->codec) {
      GARITA_TRY_ASSIGN(made, codec::make_decoder(static_cast<codec::Id>(tile->codec)));
      decoder_ = std::move(made);
      decoder_id_ = tile->codec;
    }
    pixels.resize(codec::size_bytes(shape));
    const base::Bytes code(value.data() + tile_head_bytes, value.size() - tile_head_bytes);
    if (!decoder_->decode(code, shape, pixels)) return bad();
    return {};
  }

  // Reads raw rows through this very reader: nothing of its state may be half changed here.
  base::Result<void> derive(Reader& self, const PlaneInfo& plane, uint64_t ordinal, const codec::Shape& shape,
                            const base::Digest& hash, std::vector<std::byte>& pixels) {
    const auto says = [&](const char* id) {
      const Frame frame{ChunkType::data, 0, plane.part, 0, ordinal};
      return error_at(base::Outcome::no, id, proved_.path, proved_.contents.place(frame, 0));
    };
    if (!deriver_) return says("package.not_derivable");
    pixels.resize(codec::size_bytes(shape));
    const std::shared_ptr<Deriver> deriver = deriver_;
    const TilePlace at = place_of_tile(plane.spec, ordinal);
    const uint64_t in_slice = at.slice == 0 ? ordinal : ordinal - at.slice * tiles_a_slice(plane.spec);
    GARITA_TRY(deriver->derive(self, plane, at.slice, in_slice * tile_rows, shape.rows, pixels));
    return base::sha256(pixels) == hash ? base::Result<void>() : says("package.derived_differs");
  }

  static uint32_t rows_of_tile(const PlaneInfo& plane, uint64_t ordinal) {
    const TilePlace at = place_of_tile(plane.spec, ordinal);
    const uint64_t first_tile = at.slice == 0 ? 0 : at.slice * tiles_a_slice(plane.spec);
    const uint64_t left = rows_in_slice(plane, at.slice) - (ordinal - first_tile) * tile_rows;
    return static_cast<uint32_t>(std::min<uint64_t>(tile_rows, left));
  }

  base::Result<FieldInfo> read_field(uint64_t ordinal) {
    FieldInfo field;
    auto name = read_leaf(proved_, *record_, ordinal, leaf_path(*record_, ordinal), buffer_);
    field.name_withheld = !name && name.error().id == "package.withheld";
    if (!name && !field.name_withheld) return name.error();
    if (name) field.path = name->text();
    auto value = read_leaf(proved_, *record_, ordinal + 1, field.path, buffer_);
    field.value_withheld = !value && value.error().id == "package.withheld";
    if (!value && !field.value_withheld) return value.error();
    if (value) field.value = value->text();
    return field;
  }

  std::optional<uint32_t> record_;
  std::list<CachedTile> cache_;
  std::unique_ptr<codec::Decoder> decoder_;
  uint16_t decoder_id_ = 0;
  std::vector<std::byte> buffer_;
};

Reader::Reader(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Reader::Reader(Reader&&) noexcept = default;
Reader& Reader::operator=(Reader&&) noexcept = default;
Reader::~Reader() = default;

base::Result<Reader> Reader::open(const std::filesystem::path& path, const ReaderOptions& options,
                                  base::FileSystem& files) {
  GARITA_TRY_ASSIGN(proved, open_proved(path, options.allow_torn, files));
  auto impl = std::make_unique<Impl>(std::move(proved), options);
  GARITA_TRY(impl->list_parts());
  return Reader(std::move(impl));
}

const std::vector<PlaneInfo>& Reader::planes() const { return impl_->planes_; }
const std::vector<PlaneInfo>& Reader::overviews() const { return impl_->overviews_; }
const std::vector<CalibrationInfo>& Reader::calibrations() const { return impl_->calibrations_; }
const std::vector<AttachmentInfo>& Reader::attachments() const { return impl_->attachments_; }
uint32_t Reader::parts_withheld() const { return impl_->parts_withheld_; }
const base::Digest& Reader::root() const { return impl_->proved_.root; }
const Signer& Reader::signer() const { return impl_->proved_.signer; }
bool Reader::complete() const { return impl_->proved_.sealed; }
void Reader::set_deriver(std::shared_ptr<Deriver> deriver) { impl_->deriver_ = std::move(deriver); }

std::optional<size_t> Reader::find_plane(std::string_view view, std::string_view channel) const {
  const auto& planes = impl_->planes_;
  const auto found = std::find_if(planes.begin(), planes.end(), [&](const PlaneInfo& plane) {
    return plane.spec.role == RasterRole::plane && plane.spec.view == view && plane.spec.channel == channel;
  });
  if (found == planes.end()) return std::nullopt;
  return static_cast<size_t>(found - planes.begin());
}

base::Result<void> Reader::read_rows(const PlaneInfo& plane, uint64_t first_row, uint64_t rows,
                                     std::span<std::byte> out) {
  return impl_->read_rows(*this, plane, first_row, rows, out);
}
base::Result<void> Reader::read_window(const PlaneInfo& plane, uint64_t first_row, uint64_t rows,
                                       uint32_t first_column, uint32_t columns, std::span<std::byte> out) {
  return impl_->read_window(*this, plane, first_row, rows, first_column, columns, out);
}
base::Result<std::vector<std::byte>> Reader::read_calibration(const CalibrationInfo& calibration) {
  return impl_->read_calibration(*this, calibration);
}
base::Result<std::vector<std::byte>> Reader::read_attachment(const AttachmentInfo& attachment,
                                                             uint64_t max_bytes) {
  return impl_->read_attachment(attachment, max_bytes);
}
base::Result<std::vector<FieldInfo>> Reader::read_record() { return impl_->read_record(); }

}  // namespace garita::package
