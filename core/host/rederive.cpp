#include "core/host/rederive.hpp"

#include <algorithm>
#include <cstring>
#include <optional>
#include <utility>

#include "core/normalize/scan_normalizer.hpp"
#include "garita/scan.h"

namespace garita::host {
namespace {

using package::PlaneInfo;

// As the ABI has it: the numbers of the record's enums are the ABI's.
image::View delivered(const v1::View& view, const v1::Channel& channel, const PlaneInfo& plane) {
  image::View own;
  own.name = view.name();
  own.shape = static_cast<uint32_t>(view.shape());
  own.sample_type = static_cast<uint32_t>(view.delivered_sample_type());
  own.bits_used = view.delivered_bits_used();
  own.quantity = static_cast<uint32_t>(view.quantity());
  own.fidelity = static_cast<uint32_t>(view.fidelity());
  own.columns = plane.spec.columns;
  if (own.shape != GARITA_SHAPE_SCAN) own.rows = plane.rows_a_slice, own.slices = std::max(1u, plane.slices);
  own.column_zero = static_cast<uint32_t>(view.geometry().delivered_column_zero());
  own.row_zero = static_cast<uint32_t>(view.geometry().delivered_row_zero());
  own.unit = static_cast<uint32_t>(view.unit());
  if (view.has_slope()) own.slope = view.slope(), own.intercept = view.intercept();
  own.channels.push_back(
      {GARITA_CHANNEL_SINGLE, channel.nominal_energy_kev(), channel.calibration().id(), 0});
  return own;
}

image::Memory keep(std::vector<std::byte> bytes) {
  auto owner = std::make_shared<std::vector<std::byte>>(std::move(bytes));
  return {owner, owner->data()};
}

// The rows of a plane in the order of the scan, whichever end its reader begins with.
class ScanOrder {
 public:
  ScanOrder(package::Reader& reader, const PlaneInfo& plane)
      : reader_(reader),
        plane_(plane),
        row_bytes_(uint64_t{plane.spec.columns} * image::sample_size_bytes(plane.spec.sample_type)) {}

  uint64_t rows() const { return plane_.rows_a_slice; }
  uint64_t row_bytes() const { return row_bytes_; }

  base::Result<std::vector<std::byte>> read(uint32_t slice, uint64_t first, uint32_t count) {
    std::vector<std::byte> pixels(count * row_bytes_);
    GARITA_TRY(reader_.read_rows(plane_, slice * rows() + where(first, count), count, pixels));
    if (plane_.spec.rows_rear_first)
      for (uint64_t low = 0, high = count - 1; low < high; ++low, --high)
        std::swap_ranges(pixels.begin() + static_cast<ptrdiff_t>(low * row_bytes_),
                         pixels.begin() + static_cast<ptrdiff_t>((low + 1) * row_bytes_),
                         pixels.begin() + static_cast<ptrdiff_t>(high * row_bytes_));
    return pixels;
  }

  // Where [first, first + count) of the scan begin for the reader.
  uint64_t where(uint64_t first, uint64_t count) const {
    return plane_.spec.rows_rear_first ? rows() - first - count : first;
  }

 private:
  package::Reader& reader_;
  const PlaneInfo& plane_;
  const uint64_t row_bytes_;
};

// Holds what normalize makes against what the file has.
class Comparison final : public normalize::RowSink {
 public:
  Comparison(package::Reader& reader, const PlaneInfo& stored) : stored_(stored), order_(reader, stored) {}

  base::Result<void> plane(uint32_t, uint32_t, const normalize::PlaneFormat& format) override {
    derived_ = format.canonical && format.sample_type == stored_.spec.sample_type &&
               format.columns == stored_.spec.columns;
    return {};
  }

  base::Result<void> rows(uint32_t, uint32_t, uint32_t slice, uint64_t first, uint32_t count,
                          std::span<const std::byte> pixels) override {
    if (!derived_ || different_) return {};
    if (first + count > order_.rows()) return different_ = slice * order_.rows(), base::Result<void>();
    GARITA_TRY_ASSIGN(stored, order_.read(slice, first, count));
    for (uint64_t row = 0; row < count && !different_; ++row)
      if (std::memcmp(stored.data() + row * order_.row_bytes(), pixels.data() + row * order_.row_bytes(),
                      order_.row_bytes()) != 0)
        different_ = slice * order_.rows() + order_.where(first + row, 1);
    compared_ += count;
    return {};
  }

  bool derived() const { return derived_; }
  uint64_t compared() const { return compared_; }
  const std::optional<uint64_t>& different() const { return different_; }

 private:
  const PlaneInfo& stored_;
  ScanOrder order_;
  bool derived_ = false;
  uint64_t compared_ = 0;
  std::optional<uint64_t> different_;
};

class Rederiver {
 public:
  explicit Rederiver(OpenPackage& package) : reader_(package.reader), record_(package.record) {}

  base::Result<RederivedPlane> plane(const PlaneInfo& stored) {
    RederivedPlane own{stored.spec.view + "/" + stored.spec.channel, Derivation::not_kept, 0};
    const PlaneInfo* const raw = find(stored.spec.view, stored.spec.channel);
    const v1::View* const view = view_of(stored);
    const v1::Channel* const channel = view ? channel_of(*view, stored) : nullptr;
    if (!channel) return own;
    if (!view->has_transmission_scale()) return own.derivation = Derivation::as_delivered, own;
    if (!raw) return own;
    const PlaneInfo* const doses = find(stored.spec.view, stored.spec.channel + "-dose");
    if (stored.withheld != package::Withheld::nothing || raw->withheld != package::Withheld::nothing)
      return own.derivation = Derivation::withheld, own;
    auto done = derive(stored, *raw, doses, delivered(*view, *channel, stored), own);
    if (!done && done.error().id == "package.withheld") return own.derivation = Derivation::withheld, own;
    if (!done) return std::move(done).error();
    return own;
  }

 private:
  static constexpr uint32_t rows_at_once = package::tile_rows;

  const PlaneInfo* find(const std::string& view, const std::string& channel) const {
    for (const PlaneInfo& each : reader_.planes())
      if (each.spec.role == package::RasterRole::raw && each.spec.view == view &&
          each.spec.channel == channel)
        return &each;
    return nullptr;
  }
  const v1::View* view_of(const PlaneInfo& plane) const {
    for (const v1::View& each : record_.views())
      if (each.name() == plane.spec.view) return &each;
    return nullptr;
  }
  static const v1::Channel* channel_of(const v1::View& view, const PlaneInfo& plane) {
    for (const v1::Channel& each : view.channels()) {
      const uint32_t kind =
          each.kind() == v1::Channel::KIND_VENDOR ? each.vendor_code() : static_cast<uint32_t>(each.kind());
      if (image::channel_name(kind) == plane.spec.channel) return &each;
    }
    return nullptr;
  }

  base::Result<void> take_calibration(uint64_t id, normalize::CalibrationStore& store) {
    for (const package::CalibrationInfo& each : reader_.calibrations()) {
      if (each.spec.id != id || each.withheld != package::Withheld::nothing) continue;
      GARITA_TRY_ASSIGN(bytes, reader_.read_calibration(each));
      image::Calibration piece;
      piece.role = each.spec.role, piece.id = id;
      piece.columns = each.spec.columns, piece.sample_type = each.spec.sample_type;
      piece.rows = piece.total_rows = each.spec.rows, piece.averaged = each.spec.averaged;
      piece.row_stride_bytes = uint64_t{each.spec.columns} * image::sample_size_bytes(each.spec.sample_type);
      if (bytes.size() != piece.rows * piece.row_stride_bytes) continue;
      piece.memory = keep(std::move(bytes));
      (void)store.add(piece);  // one that cannot be right leaves the plane uncorrected, and that is said
    }
    return {};
  }

  // A file may call anything by this name.
  static bool are_doses_of(const PlaneInfo& doses, const PlaneInfo& raw) {
    return doses.spec.sample_type == GARITA_SAMPLE_U32 && doses.spec.columns == 1 && doses.rows == raw.rows &&
           doses.rows_a_slice == raw.rows_a_slice && doses.spec.rows_rear_first == raw.spec.rows_rear_first;
  }

  base::Result<void> derive(const PlaneInfo& stored, const PlaneInfo& raw, const PlaneInfo* doses,
                            const image::View& view, RederivedPlane& own) {
    const bool same_shape = raw.rows == stored.rows && raw.rows_a_slice == stored.rows_a_slice &&
                            raw.spec.columns == stored.spec.columns &&
                            raw.spec.sample_type == view.sample_type && raw.slices == stored.slices &&
                            raw.spec.rows_rear_first == stored.spec.rows_rear_first &&
                            (!doses || are_doses_of(*doses, raw));
    if (stored.rows == 0 && raw.rows == 0) return own.derivation = Derivation::same, base::Result<void>();
    if (!same_shape) return own.derivation = Derivation::differs, base::Result<void>();
    normalize::CalibrationStore calibrations;
    if (view.fidelity == GARITA_FIDELITY_RAW_COUNTS)
      GARITA_TRY(take_calibration(view.channels[0].calibration_id, calibrations));
    Comparison comparison(reader_, stored);
    normalize::ScanNormalizer normalizer(calibrations, comparison);
    image::ScanBegin begin;
    begin.views.push_back(view);
    if (!normalizer.begin(begin)) return own.derivation = Derivation::differs, base::Result<void>();
    GARITA_TRY(feed(raw, doses, normalizer));
    if (!comparison.derived()) return {};  // its calibration is not there
    const bool all = comparison.compared() == stored.rows && !comparison.different();
    own.derivation = all ? Derivation::same : Derivation::differs;
    own.first_row = comparison.different().value_or(comparison.compared());
    return {};
  }

  base::Result<void> feed(const PlaneInfo& raw, const PlaneInfo* doses,
                          normalize::ScanNormalizer& normalizer) {
    ScanOrder pixels(reader_, raw);
    std::optional<ScanOrder> dose;
    if (doses) dose.emplace(reader_, *doses);
    for (uint32_t slice = 0; slice < std::max(1u, raw.slices); ++slice)
      for (uint64_t first = 0; first < pixels.rows(); first += rows_at_once) {
        image::Strip strip;
        strip.slice = slice, strip.first_row = first;
        strip.rows = static_cast<uint32_t>(std::min<uint64_t>(rows_at_once, pixels.rows() - first));
        strip.row_stride_bytes = pixels.row_bytes();
        GARITA_TRY_ASSIGN(bytes, pixels.read(slice, first, strip.rows));
        strip.memory = keep(std::move(bytes));
        if (dose) {
          GARITA_TRY_ASSIGN(values, dose->read(slice, first, strip.rows));
          strip.dose_q16.resize(strip.rows);
          std::memcpy(strip.dose_q16.data(), values.data(), values.size());
        }
        GARITA_TRY(normalizer.strip(strip));
      }
    return {};
  }

  package::Reader& reader_;
  const v1::Inspection& record_;
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
