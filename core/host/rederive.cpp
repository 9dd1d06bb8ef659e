#include "core/host/rederive.hpp"

#include <algorithm>
#include <cstring>
#include <optional>
#include <utility>

#include "core/host/plane_maker.hpp"
#include "core/image/view.hpp"

namespace garita::host {
namespace {

using package::PlaneInfo;

Derivation before_making(Makeable makeable) {
  switch (makeable) {
    case Makeable::yes:
      return Derivation::same;
    case Makeable::as_delivered:
      return Derivation::as_delivered;
    case Makeable::withheld:
      return Derivation::withheld;
    case Makeable::misshapen:
      return Derivation::differs;
    case Makeable::not_kept:
      break;
  }
  return Derivation::not_kept;
}

// Some rows of a plane: those of a tile, in the order of package::Reader.
struct Piece {
  uint64_t slice = 0, first_row = 0;  // of the slice, in the order of the scan
  uint32_t rows = 0;
  uint64_t at = 0;  // row number for the reader
};

class Rederiver {
 public:
  explicit Rederiver(OpenPackage& package) : reader_(package.reader), maker_(package.record) {}

  base::Result<RederivedPlane> plane(const PlaneInfo& stored) {
    RederivedPlane own{stored.spec.view + "/" + stored.spec.channel, Derivation::same, 0};
    GARITA_TRY_ASSIGN(makeable, maker_.look(reader_, stored));
    own.derivation = before_making(makeable);
    if (makeable != Makeable::yes) return own;
    for (uint64_t slice = 0; slice < stored.slices; ++slice) {
      const uint64_t before = slice * stored.rows_a_slice;
      const uint64_t rows = std::min(stored.rows_a_slice, stored.rows - before);
      for (uint64_t first = 0; first < rows && own.derivation == Derivation::same; first += rows_at_once) {
        Piece piece{slice, first, static_cast<uint32_t>(std::min<uint64_t>(rows_at_once, rows - first)), before + first};
        if (stored.spec.rows_rear_first) piece.at = before + rows - first - piece.rows;
        GARITA_TRY(hold(stored, piece, own));
      }
    }
    return own;
  }

 private:
  static constexpr uint32_t rows_at_once = package::tile_rows;

  // One piece against what the file has of it.
  base::Result<void> hold(const PlaneInfo& stored, const Piece& piece, RederivedPlane& own) {
    const uint64_t row_bytes = uint64_t{stored.spec.columns} * image::sample_size_bytes(stored.spec.sample_type);
    stored_.resize(piece.rows * row_bytes);
    if (stored.spec.by_hash)  // reading is making it and holding it against its hash
      return note(reader_.read_rows(stored, piece.at, piece.rows, stored_), piece, own);
    made_.resize(stored_.size());
    auto made = maker_.derive(reader_, stored, piece.slice, piece.first_row, piece.rows, made_);
    if (!made) return note(std::move(made), piece, own);
    if (auto read = reader_.read_rows(stored, piece.at, piece.rows, stored_); !read)
      return note(std::move(read), piece, own);
    for (uint64_t row = 0; row < piece.rows; ++row) {
      const bool turned = stored.spec.rows_rear_first;
      const uint64_t at = turned ? piece.rows - 1 - row : row;
      if (std::memcmp(made_.data() + row * row_bytes, stored_.data() + at * row_bytes, row_bytes) == 0) continue;
      own.derivation = Derivation::differs, own.first_row = piece.at + at;
      break;
    }
    return {};
  }

  static base::Result<void> note(base::Result<void> result, const Piece& piece, RederivedPlane& own) {
    if (result) return {};
    const std::string& id = result.error().id;
    if (id == "package.withheld") return own.derivation = Derivation::withheld, base::Result<void>();
    if (id != "package.not_derivable" && id != "package.derived_differs") return std::move(result).error();
    own.derivation = Derivation::differs, own.first_row = piece.at;
    return {};
  }

  package::Reader& reader_;
  PlaneMaker maker_;
  std::vector<std::byte> made_, stored_;
};

}  // namespace

base::Result<std::vector<RederivedPlane>> rederive(OpenPackage& package) {
  Rederiver rederiver(package);
  std::vector<RederivedPlane> own;
  for (const PlaneInfo& each : package.reader.planes()) {
    if (each.spec.role != package::RasterRole::plane) continue;
    GARITA_TRY_ASSIGN(plane, rederiver.plane(each));
    own.push_back(std::move(plane));
  }
  return own;
}

}  // namespace garita::host
