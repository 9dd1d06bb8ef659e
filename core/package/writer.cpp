#include "core/package/writer.hpp"

#include <algorithm>
#include <cstring>
#include <map>
#include <utility>

#include "core/package/chunk_writer.hpp"
#include "core/package/overview.hpp"
#include "core/package/tile_stage.hpp"

namespace garita::package {
namespace {

using Salt = std::array<uint8_t, salt_bytes>;

struct OpenRaster {
  RasterHead head;
  uint64_t row_bytes = 0;
  uint64_t rows = 0;            // appended, over all slices
  std::vector<std::byte> tile;  // of the rows that are not written yet
  std::unique_ptr<Overview> overview;
  std::map<uint32_t, uint32_t> levels;  // part of each overview level that is there
};

struct OpenAttachment {
  uint64_t size_bytes = 0;
  std::vector<std::byte> block;
  base::Sha256 hash;
};

base::Error refused(const char* id, std::string name) {
  return {base::Outcome::no, id, {{"plane", std::move(name)}}};
}

// Rows that the tile being filled takes before it is written.
uint32_t rows_of_open_tile(const OpenRaster& raster, uint64_t tiles_written) {
  return place_of_tile(raster.head.plane, tiles_written).rows;
}

base::Result<void> check(std::span<const Leaf> record) {
  uint64_t size_bytes = 0;
  for (const Leaf& leaf : record) {
    size_bytes += leaf.path.size() + leaf.value.size();
    const bool fits = !leaf.path.empty() && leaf.path.size() <= max_path_bytes &&
                      leaf.value.size() <= max_field_bytes && size_bytes <= max_record_bytes;
    if (!fits) return base::Error{base::Outcome::no, "package.field_refused", {{"field", leaf.path}}};
  }
  return {};
}

uint64_t rows_announced(const PlaneSpec& spec) {
  if (spec.rows == unknown_rows || spec.slices == 0) return max_leaves * tile_rows;
  return spec.rows * spec.slices;
}

}  // namespace

class Writer::Impl {
 public:
  Impl(ChunkWriter file, const base::SigningKey& key, const base::Clock& clock, const WriterOptions& options,
       std::unique_ptr<TileStage> stage)
      : file_(std::move(file)), key_(key), clock_(clock), options_(options), stage_(std::move(stage)) {
    random_ = options.random ? options.random : &base::system_random();
    checkpoint_time_ns_ = clock.monotonic_ns();
    if (options.keep_partial) file_.keep();
  }

  // Runs one step of writing; once one has failed, all others do.
  template <typename Step>
  auto run(Step step) -> decltype(step()) {
    if (stopped_)
      return base::Error{base::Outcome::no, "package.writer_stopped", {{"path", file_.path().string()}}};
    auto result = step();
    stopped_ = stopped_ || !result.ok();
    return result;
  }

  base::Result<uint32_t> add_plane(const PlaneSpec& spec) {
    const bool pixels = spec.role == RasterRole::plane || spec.role == RasterRole::raw;
    const bool allowed = !spec.by_hash || options_.planes_by_hash;
    if (!pixels || !is_valid(spec) || doubled(spec) || !allowed)
      return refused("package.plane_refused", spec.view + "/" + spec.channel);
    return run([&] { return open_raster({.plane = spec}); });
  }

  base::Result<void> append_rows(uint32_t part, base::Bytes rows, uint64_t count) {
    const auto found = rasters_.find(part);
    if (found == rasters_.end()) return refused("package.rows_refused", std::to_string(part));
    OpenRaster& raster = found->second;
    const bool fits = count <= rows_announced(raster.head.plane) - raster.rows &&
                      rows.size() / raster.row_bytes == count && rows.size() % raster.row_bytes == 0;
    if (!fits) return refused("package.rows_refused", place_of(Head(raster.head)));
    return run([&] { return fill_tiles(part, raster, rows); });
  }

  base::Result<void> end_plane(uint32_t part) {
    const auto found = rasters_.find(part);
    if (found == rasters_.end()) return refused("package.rows_refused", std::to_string(part));
    return run([&] { return end_raster(part); });
  }

  base::Result<uint32_t> add_attachment(const AttachmentSpec& spec) {
    if (!parse_head(encode(Head(spec))))
      return refused("package.attachment_refused", std::to_string(spec.index));
    return run([&]() -> base::Result<uint32_t> {
      GARITA_TRY_ASSIGN(part, begin_part(spec));
      attachments_[part];
      return part;
    });
  }

  base::Result<void> append_attachment(uint32_t part, base::Bytes piece) {
    const auto found = attachments_.find(part);
    if (found == attachments_.end()) return refused("package.attachment_refused", std::to_string(part));
    return run([&] { return fill_blocks(part, found->second, piece); });
  }

  base::Result<void> end_attachment(uint32_t part) {
    if (!attachments_.contains(part)) return refused("package.attachment_refused", std::to_string(part));
    return run([&] { return end_blocks(part); });
  }

  base::Result<void> add_calibration(const CalibrationSpec& spec, base::Bytes rows) {
    RasterHead head{.plane = {spec.view, spec.channel, RasterRole::calibration, spec.sample_type,
                              spec.columns, spec.rows, 1, false},
                    .calibration_role = spec.role,
                    .averaged = spec.averaged,
                    .calibration_id = spec.id,
                    .utc_ns = spec.utc_ns};
    const bool fits =
        is_valid(head.plane) && rows.size() == uint64_t{spec.rows} * spec.columns * sample_bytes(head.plane);
    if (!fits) return refused("package.plane_refused", place_of(Head(head)));
    return run([&]() -> base::Result<void> {
      GARITA_TRY_ASSIGN(part, open_raster(head));
      GARITA_TRY(fill_tiles(part, rasters_.at(part), rows));
      return end_raster(part);
    });
  }

  base::Result<Sealed> finish(std::span<const Leaf> record) {
    GARITA_TRY(check(record));
    return run([&]() -> base::Result<Sealed> {
      while (!rasters_.empty()) GARITA_TRY(end_raster(rasters_.begin()->first));
      while (!attachments_.empty()) GARITA_TRY(end_blocks(attachments_.begin()->first));
      GARITA_TRY(write_record(record));
      GARITA_TRY(sign(StatementKind::seal));
      GARITA_TRY(file_.end());
      GARITA_TRY(file_.commit());
      stopped_ = true;
      return Sealed{file_.contents().root(), file_.size_bytes(), checkpoints_};
    });
  }

  base::Result<void> checkpoint() {
    return run([&]() -> base::Result<void> {
      GARITA_TRY(write_tiles());
      return write_checkpoint();
    });
  }

  const ChunkWriter& file() const { return file_; }

 private:
  bool doubled(const PlaneSpec& spec) const {
    return std::any_of(file_.contents().parts.begin(), file_.contents().parts.end(), [&](const Part& part) {
      const auto* raster = std::get_if<RasterHead>(&*part.head);
      return raster && raster->plane.role == spec.role && raster->plane.view == spec.view &&
             raster->plane.channel == spec.channel;
    });
  }

  base::Result<uint32_t> begin_part(const Head& head) {
    GARITA_TRY(write_tiles());
    const auto part = static_cast<uint32_t>(file_.contents().parts.size());
    Salt salt;
    GARITA_TRY(random_->fill(salt));
    GARITA_TRY(file_.head(head, salt, encode(head)));
    dirty_ = true;
    return part;
  }

  base::Result<void> end_part(uint32_t number, Tail tail) {
    GARITA_TRY(write_tiles());
    const Part& part = file_.contents().parts[number];
    tail.leaves = part.leaves.size();
    Salt salt;
    GARITA_TRY(random_->fill(salt));
    return file_.tail(number, tail, salt, encode(*part.head, tail));
  }

  base::Result<void> write_leaf(uint32_t part, std::string_view path, base::Bytes value) {
    GARITA_TRY(write_tiles());
    Salt salt;
    GARITA_TRY(random_->fill(salt));
    GARITA_TRY(file_.leaf(part, path, salt, value));
    return leaf_written();
  }

  base::Result<void> leaf_written() {
    dirty_ = true;
    const bool due = file_.size_bytes() - checkpoint_size_bytes_ >= options_.checkpoint_bytes ||
                     clock_.monotonic_ns() - checkpoint_time_ns_ >= options_.checkpoint_ns;
    return due ? write_checkpoint() : base::Result<void>();
  }

  base::Result<void> write_body_leaf(uint32_t part, base::Bytes value) {
    return write_leaf(part, leaf_path(part, file_.contents().parts[part].leaves.size()), value);
  }

  base::Result<uint32_t> open_raster(const RasterHead& head) {
    GARITA_TRY_ASSIGN(part, begin_part(head));
    OpenRaster& raster = rasters_[part];
    const PlaneSpec& plane = head.plane;
    raster.head = head;
    raster.row_bytes = uint64_t{plane.columns} * sample_bytes(plane);
    const bool wanted = options_.overviews && plane.role == RasterRole::plane && plane.slices == 1 &&
                        plane.sample_type == GARITA_SAMPLE_U16;
    if (wanted) raster.overview = std::make_unique<Overview>(1, plane.columns);
    return part;
  }

  base::Result<void> fill_tiles(uint32_t part, OpenRaster& raster, base::Bytes rows) {
    while (!rows.empty()) {
      const uint64_t tile_bytes = rows_of_open_tile(raster, tiles_given_[part]) * raster.row_bytes;
      const size_t size = std::min<uint64_t>(rows.size(), tile_bytes - raster.tile.size());
      if (raster.tile.empty()) raster.tile = stage_->spare();
      raster.tile.insert(raster.tile.end(), rows.begin(), rows.begin() + static_cast<ptrdiff_t>(size));
      raster.rows += size / raster.row_bytes;
      if (raster.tile.size() == tile_bytes) GARITA_TRY(flush_tile(part, raster));
      rows = base::Bytes(rows.data() + size, rows.size() - size);
    }
    return {};
  }

  base::Result<void> flush_tile(uint32_t part, OpenRaster& raster) {
    const auto rows = static_cast<uint32_t>(raster.tile.size() / raster.row_bytes);
    auto pixels = std::make_shared<std::vector<std::byte>>(std::exchange(raster.tile, {}));
    if (raster.head.plane.by_hash) {
      GARITA_TRY(write_hash(part, *pixels, rows));
    } else {
      GARITA_TRY(give_tile(part, raster.head.plane, pixels, rows));
    }
    if (raster.overview) GARITA_TRY(raster.overview->add(*pixels, rows, overview_sink(part, raster)));
    give_back(std::move(pixels));
    return {};
  }

  base::Result<void> write_hash(uint32_t part, base::Bytes pixels, uint32_t rows) {
    ++tiles_given_[part];
    std::vector<std::byte> value;
    encode(TileHead{codec_hash, rows}, value);
    const base::Digest hash = base::sha256(pixels);
    const base::Bytes bytes(hash);
    value.insert(value.end(), bytes.begin(), bytes.end());
    return write_body_leaf(part, value);
  }

  // Whoever has a tile's pixels last gives their memory back.
  void give_back(std::shared_ptr<std::vector<std::byte>> pixels) {
    if (pixels.use_count() == 1) stage_->give_back(std::move(*pixels));
  }

  // Its salt and its place are given now: the file does not show when it was coded.
  base::Result<void> give_tile(uint32_t part, const PlaneSpec& plane,
                               std::shared_ptr<std::vector<std::byte>> pixels, uint32_t rows) {
    while (stage_->is_full() || stage_->oldest_is_done()) GARITA_TRY(write_oldest_tile());
    Tile tile;
    tile.part = part;
    tile.shape = {rows, plane.columns, sample_bytes(plane)};
    tile.path = leaf_path(part, tiles_given_[part]++);
    GARITA_TRY(random_->fill(tile.salt));
    tile.pixels = std::move(pixels);
    stage_->give(std::move(tile));
    return options_.coding_threads > 0 ? base::Result<void>() : write_tiles();
  }

  // Whatever else comes into the file stands behind the tiles that were given before it.
  base::Result<void> write_tiles() {
    while (!stage_->is_empty()) GARITA_TRY(write_oldest_tile());
    return {};
  }

  base::Result<void> write_oldest_tile() {
    GARITA_TRY_ASSIGN(tile, stage_->take());
    GARITA_TRY(file_.leaf_in_place(tile.part, tile.hash, tile.salt, tile.chunk));
    stage_->give_back(std::move(tile.chunk));
    give_back(std::move(tile.pixels));
    return leaf_written();
  }

  OverviewSink overview_sink(uint32_t part, OpenRaster& raster) {
    return [this, part, &raster](uint32_t level, uint32_t columns, base::Bytes rows,
                                 uint32_t count) -> base::Result<void> {
      if (!raster.levels.contains(level)) {
        RasterHead head{.plane = raster.head.plane, .source = part, .level = level};
        head.plane.role = RasterRole::overview;
        head.plane.by_hash = false;
        head.plane.columns = columns;
        head.plane.rows = unknown_rows;
        GARITA_TRY_ASSIGN(added, begin_part(head));
        raster.levels[level] = added;
        overview_rows_[added] = 0;
      }
      const uint32_t target = raster.levels.at(level);
      overview_rows_[target] += count;
      PlaneSpec plane = raster.head.plane;
      plane.columns = columns;
      return give_tile(target, plane, std::make_shared<std::vector<std::byte>>(rows.begin(), rows.end()),
                       count);
    };
  }

  base::Result<void> end_raster(uint32_t part) {
    OpenRaster& raster = rasters_.at(part);
    if (!raster.tile.empty()) GARITA_TRY(flush_tile(part, raster));
    GARITA_TRY(end_part(part, {.rows = raster.rows}));
    if (raster.overview) GARITA_TRY(raster.overview->end(overview_sink(part, raster)));
    for (const auto& [level, target] : raster.levels)
      GARITA_TRY(end_part(target, {.rows = overview_rows_.at(target)}));
    rasters_.erase(part);
    return {};
  }

  base::Result<void> fill_blocks(uint32_t part, OpenAttachment& attachment, base::Bytes piece) {
    attachment.hash.update(piece);
    attachment.size_bytes += piece.size();
    while (!piece.empty()) {
      const size_t size = std::min(piece.size(), block_bytes - attachment.block.size());
      attachment.block.insert(attachment.block.end(), piece.begin(),
                              piece.begin() + static_cast<ptrdiff_t>(size));
      if (attachment.block.size() == block_bytes) GARITA_TRY(flush_block(part, attachment));
      piece = base::Bytes(piece.data() + size, piece.size() - size);
    }
    return {};
  }

  base::Result<void> flush_block(uint32_t part, OpenAttachment& attachment) {
    GARITA_TRY(write_body_leaf(part, attachment.block));
    attachment.block.clear();
    return {};
  }

  base::Result<void> end_blocks(uint32_t part) {
    OpenAttachment& attachment = attachments_.at(part);
    if (!attachment.block.empty()) GARITA_TRY(flush_block(part, attachment));
    GARITA_TRY(end_part(part, {.size_bytes = attachment.size_bytes, .sha256 = attachment.hash.finish()}));
    attachments_.erase(part);
    return {};
  }

  base::Result<void> write_record(std::span<const Leaf> record) {
    GARITA_TRY_ASSIGN(part, begin_part(RecordHead{std::string(record_schema)}));
    for (const Leaf& leaf : record) {
      GARITA_TRY(write_body_leaf(part, leaf.path));
      GARITA_TRY(write_leaf(part, leaf.path, leaf.value));
    }
    return end_part(part, {});
  }

  base::Result<void> write_checkpoint() {
    if (!dirty_) return {};
    GARITA_TRY(sign(StatementKind::checkpoint));
    if (options_.sync_checkpoints) GARITA_TRY(file_.sync());
    dirty_ = false;
    checkpoint_size_bytes_ = file_.size_bytes();
    checkpoint_time_ns_ = clock_.monotonic_ns();
    return {};
  }

  base::Result<void> sign(StatementKind kind) {
    Statement statement{kind,
                        key_.algorithm(),
                        checkpoints_,
                        clock_.utc_ns(),
                        file_.contents().root(),
                        key_.public_key().der()};
    std::vector<std::byte> body = encode(statement);
    GARITA_TRY_ASSIGN(signature, key_.sign(body));
    const base::Bytes bytes(signature);
    body.insert(body.end(), bytes.begin(), bytes.end());
    if (kind == StatementKind::seal) return file_.statement(ChunkType::seal, 0, body);
    return file_.statement(ChunkType::checkpoint, checkpoints_++, body);
  }

  ChunkWriter file_;
  const base::SigningKey key_;
  const base::Clock& clock_;
  const WriterOptions options_;
  base::Random* random_ = nullptr;
  const std::unique_ptr<TileStage> stage_;
  std::map<uint32_t, OpenRaster> rasters_;
  std::map<uint32_t, OpenAttachment> attachments_;
  std::map<uint32_t, uint64_t> overview_rows_;
  std::map<uint32_t, uint64_t> tiles_given_;  // of each part, written or on their way
  uint32_t checkpoints_ = 0;
  uint64_t checkpoint_size_bytes_ = 0, checkpoint_time_ns_ = 0;
  bool dirty_ = false;  // something came since the last checkpoint
  bool stopped_ = false;
};

Writer::Writer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Writer::Writer(Writer&&) noexcept = default;
Writer& Writer::operator=(Writer&&) noexcept = default;
Writer::~Writer() = default;

base::Result<Writer> Writer::create(base::FileSystem& files, const std::filesystem::path& path,
                                    const base::SigningKey& key, const base::Clock& clock,
                                    const WriterOptions& options) {
  base::Random& random = options.random ? *options.random : base::system_random();
  Header header{options.planes_by_hash ? minor_by_hash : minor_first, {}, clock.utc_ns()};
  GARITA_TRY(random.fill(header.nonce));
  GARITA_TRY_ASSIGN(stage, TileStage::create(options.coding_threads, options.predictive));
  GARITA_TRY_ASSIGN(file, ChunkWriter::create(files, path, header));
  return Writer(std::make_unique<Impl>(std::move(file), key, clock, options, std::move(stage)));
}

base::Result<uint32_t> Writer::add_plane(const PlaneSpec& spec) { return impl_->add_plane(spec); }
base::Result<void> Writer::append_rows(uint32_t plane, base::Bytes tight_rows, uint64_t rows) {
  return impl_->append_rows(plane, tight_rows, rows);
}
base::Result<void> Writer::end_plane(uint32_t plane) { return impl_->end_plane(plane); }
base::Result<uint32_t> Writer::add_attachment(const AttachmentSpec& spec) {
  return impl_->add_attachment(spec);
}
base::Result<void> Writer::append_attachment(uint32_t attachment, base::Bytes piece) {
  return impl_->append_attachment(attachment, piece);
}
base::Result<void> Writer::end_attachment(uint32_t attachment) { return impl_->end_attachment(attachment); }
base::Result<void> Writer::add_calibration(const CalibrationSpec& spec, base::Bytes tight_rows) {
  return impl_->add_calibration(spec, tight_rows);
}
base::Result<Sealed> Writer::finish(std::span<const Leaf> record) { return impl_->finish(record); }
base::Result<void> Writer::checkpoint() { return impl_->checkpoint(); }
const std::filesystem::path& Writer::partial_path() const { return impl_->file().partial_path(); }
uint64_t Writer::size_bytes() const { return impl_->file().size_bytes(); }

}  // namespace garita::package
