#include "core/host/plane_maker.hpp"

#include <algorithm>
#include <cstring>
#include <optional>
#include <utility>

#include "core/image/view.hpp"
#include "core/normalize/scan_normalizer.hpp"
#include "core/package/inspection.hpp"
#include "garita/scan.h"

namespace garita::host {
namespace {

using package::PlaneInfo;
using package::Reader;

// A package has views × channels of them and what a driver can announce at most; a hostile file may have
// more.
constexpr size_t max_sources = 256;

base::Error not_derivable(const PlaneInfo& plane) {
  return {base::Outcome::no,
          "package.not_derivable",
          {{"place", plane.spec.view + "/" + plane.spec.channel}, {"path", ""}}};
}

// As the ABI has it: the numbers of the record's enums are the ABI's.
image::View delivered(const v1::View& view, const v1::Channel& channel, const PlaneInfo& plane) {
  image::View own;
  own.name = view.name();
  own.shape = GARITA_SHAPE_SCAN;
  own.sample_type = static_cast<uint32_t>(view.delivered_sample_type());
  own.bits_used = view.delivered_bits_used();
  own.quantity = static_cast<uint32_t>(view.quantity());
  own.fidelity = static_cast<uint32_t>(view.fidelity());
  own.columns = plane.spec.columns;
  own.column_zero = static_cast<uint32_t>(view.geometry().delivered_column_zero());
  own.row_zero = static_cast<uint32_t>(view.geometry().delivered_row_zero());
  own.unit = static_cast<uint32_t>(view.unit());
  if (view.has_slope()) own.slope = view.slope(), own.intercept = view.intercept();
  own.channels.push_back(
      {GARITA_CHANNEL_SINGLE, channel.nominal_energy_kev(), channel.calibration().id(), 0});
  return own;
}

image::Memory shared(std::vector<std::byte> bytes) {
  auto owner = std::make_shared<std::vector<std::byte>>(std::move(bytes));
  return {owner, owner->data()};
}

// Rows of a slice in the order of the scan, whichever end its reader begins with.
base::Result<std::vector<std::byte>> read_as_scanned(Reader& reader, const PlaneInfo& plane, uint64_t slice,
                                                     uint64_t first, uint32_t count) {
  const uint64_t bytes = uint64_t{plane.spec.columns} * image::sample_size_bytes(plane.spec.sample_type);
  const uint64_t before = slice * plane.rows_a_slice;
  const uint64_t in_slice = std::min(plane.rows_a_slice, plane.rows - std::min(plane.rows, before));
  if (first > in_slice || count > in_slice - first) return not_derivable(plane);
  const bool turned = plane.spec.rows_rear_first;
  std::vector<std::byte> pixels(count * bytes);
  GARITA_TRY(reader.read_rows(plane, before + (turned ? in_slice - first - count : first), count, pixels));
  for (uint64_t low = 0, high = count; turned && low + 1 < high; ++low, --high)
    std::swap_ranges(pixels.begin() + static_cast<ptrdiff_t>(low * bytes),
                     pixels.begin() + static_cast<ptrdiff_t>((low + 1) * bytes),
                     pixels.begin() + static_cast<ptrdiff_t>((high - 1) * bytes));
  return pixels;
}

const PlaneInfo* find_raw(const Reader& reader, const std::string& view, const std::string& channel) {
  for (const PlaneInfo& each : reader.planes())
    if (each.spec.role == package::RasterRole::raw && each.spec.view == view && each.spec.channel == channel)
      return &each;
  return nullptr;
}

bool same_rows(const PlaneInfo& a, const PlaneInfo& b) {
  return a.rows == b.rows && a.rows_a_slice == b.rows_a_slice && a.slices == b.slices &&
         a.spec.rows_rear_first == b.spec.rows_rear_first;
}

// Takes the rows that normalize makes.
class Catch final : public normalize::RowSink {
 public:
  base::Result<void> plane(uint32_t, uint32_t, const normalize::PlaneFormat& format) override {
    made_ = format.canonical;
    return {};
  }
  base::Result<void> rows(uint32_t, uint32_t, uint32_t, uint64_t, uint32_t,
                          std::span<const std::byte> pixels) override {
    if (!made_ || pixels.size() > out_.size() - at_) return made_ = false, base::Result<void>();
    std::memcpy(out_.data() + at_, pixels.data(), pixels.size());
    at_ += pixels.size();
    return {};
  }

  void begin(std::span<std::byte> out) { out_ = out, at_ = 0, made_ = false; }
  bool filled() const { return made_ && at_ == out_.size(); }

 private:
  std::span<std::byte> out_;
  size_t at_ = 0;
  bool made_ = false;
};

}  // namespace

struct PlaneMaker::Source {
  uint32_t part = package::no_part;  // of the plane
  Makeable makeable = Makeable::not_kept;
  const PlaneInfo* raw = nullptr;
  const PlaneInfo* doses = nullptr;  // null: none were measured
  image::View view;
  std::vector<image::Calibration> calibration;  // dark and air
  uint32_t calibration_rows = 1;                // a frame has one row of them for each of its own

  // Dark and air of rows [first, first + rows).
  normalize::CalibrationStore store(uint64_t first, uint32_t rows) const {
    normalize::CalibrationStore own;
    for (image::Calibration piece : calibration) {
      if (piece.rows > 1) {
        piece.memory = image::Memory(piece.memory, piece.memory.get() + first * piece.row_stride_bytes);
        piece.rows = piece.total_rows = rows;
      }
      (void)own.add(piece);  // one that cannot be right leaves the rows uncorrected, and that is seen
    }
    return own;
  }
};

PlaneMaker::PlaneMaker(const v1::Inspection& record) : views_(record.views().begin(), record.views().end()) {}
PlaneMaker::~PlaneMaker() = default;

namespace {

// The air and dark of `id` that the package has whole.
base::Result<std::vector<image::Calibration>> read_calibration(Reader& reader, uint64_t id) {
  std::vector<image::Calibration> own;
  for (const package::CalibrationInfo& each : reader.calibrations()) {
    if (each.spec.id != id || each.withheld != package::Withheld::nothing) continue;
    GARITA_TRY_ASSIGN(bytes, reader.read_calibration(each));
    image::Calibration piece;
    piece.role = each.spec.role, piece.id = id;
    piece.columns = each.spec.columns, piece.sample_type = each.spec.sample_type;
    piece.rows = piece.total_rows = each.spec.rows, piece.averaged = each.spec.averaged;
    piece.row_stride_bytes = uint64_t{each.spec.columns} * image::sample_size_bytes(each.spec.sample_type);
    if (bytes.size() != piece.rows * piece.row_stride_bytes) continue;
    piece.memory = shared(std::move(bytes));
    own.push_back(std::move(piece));
  }
  return own;
}

const v1::Channel* channel_of(const v1::View& view, const PlaneInfo& plane) {
  for (const v1::Channel& each : view.channels()) {
    const uint32_t kind =
        each.kind() == v1::Channel::KIND_VENDOR ? each.vendor_code() : static_cast<uint32_t>(each.kind());
    if (image::channel_name(kind) == plane.spec.channel) return &each;
  }
  return nullptr;
}

bool is_withheld(const PlaneInfo* plane) { return plane && plane->withheld != package::Withheld::nothing; }

// A file may call anything by these names.
bool fit(const PlaneInfo& stored, const PlaneInfo& raw, const PlaneInfo* doses, const image::View& view) {
  const bool doses_fit = !doses || (doses->spec.sample_type == GARITA_SAMPLE_U32 &&
                                    doses->spec.columns == 1 && same_rows(*doses, raw));
  return same_rows(stored, raw) && raw.spec.columns == stored.spec.columns &&
         raw.spec.sample_type == view.sample_type && stored.spec.sample_type == GARITA_SAMPLE_U16 &&
         doses_fit;
}

}  // namespace

base::Result<std::unique_ptr<PlaneMaker::Source>> PlaneMaker::find_source(Reader& reader,
                                                                          const PlaneInfo& plane) {
  auto own = std::make_unique<Source>();
  own->part = plane.part;
  const auto view = std::find_if(views_.begin(), views_.end(),
                                 [&](const v1::View& each) { return each.name() == plane.spec.view; });
  const v1::Channel* const channel = view == views_.end() ? nullptr : channel_of(*view, plane);
  if (!channel) return own;
  if (!view->has_transmission_scale()) return own->makeable = Makeable::as_delivered, std::move(own);
  own->raw = find_raw(reader, plane.spec.view, plane.spec.channel);
  own->doses = find_raw(reader, plane.spec.view, plane.spec.channel + "-dose");
  if (!own->raw) return own;
  if (is_withheld(&plane) || is_withheld(own->raw) || is_withheld(own->doses))
    return own->makeable = Makeable::withheld, std::move(own);
  own->view = delivered(*view, *channel, plane);
  own->makeable = fit(plane, *own->raw, own->doses, own->view) ? Makeable::yes : Makeable::misshapen;
  if (own->makeable != Makeable::yes || own->view.fidelity != GARITA_FIDELITY_RAW_COUNTS) return own;
  GARITA_TRY_ASSIGN(calibration, read_calibration(reader, own->view.channels[0].calibration_id));
  own->calibration = std::move(calibration);
  for (const image::Calibration& piece : own->calibration)
    if (piece.rows > 1 && piece.rows == plane.rows_a_slice) own->calibration_rows = piece.rows;
  const bool usable = own->calibration.size() >= 2 &&
                      std::all_of(own->calibration.begin(), own->calibration.end(), [&](const auto& piece) {
                        return piece.columns == plane.spec.columns && piece.rows == own->calibration_rows;
                      });
  if (!usable) own->makeable = Makeable::not_kept;
  return own;
}

base::Result<PlaneMaker::Source*> PlaneMaker::source_of(Reader& reader, const PlaneInfo& plane) {
  for (const auto& each : sources_)
    if (each->part == plane.part) return each.get();
  if (sources_.size() >= max_sources) sources_.clear();
  GARITA_TRY_ASSIGN(source, find_source(reader, plane));
  sources_.push_back(std::move(source));
  return sources_.back().get();
}

base::Result<Makeable> PlaneMaker::look(Reader& reader, const PlaneInfo& plane) {
  GARITA_TRY_ASSIGN(source, source_of(reader, plane));
  return source->makeable;
}

base::Result<void> PlaneMaker::derive(Reader& reader, const PlaneInfo& plane, uint64_t slice,
                                      uint64_t first_row, uint32_t rows, std::span<std::byte> out) {
  GARITA_TRY_ASSIGN(source, source_of(reader, plane));
  if (source->makeable != Makeable::yes || rows == 0) return not_derivable(plane);
  image::Strip strip;
  strip.rows = rows;
  strip.row_stride_bytes =
      uint64_t{plane.spec.columns} * image::sample_size_bytes(source->raw->spec.sample_type);
  GARITA_TRY_ASSIGN(raw, read_as_scanned(reader, *source->raw, slice, first_row, rows));
  strip.memory = shared(std::move(raw));
  if (source->doses) {
    GARITA_TRY_ASSIGN(doses, read_as_scanned(reader, *source->doses, slice, first_row, rows));
    strip.dose_q16.resize(rows);
    std::memcpy(strip.dose_q16.data(), doses.data(), doses.size());
  }
  // These rows as a scan of their own.
  image::ScanBegin begin;
  begin.views.push_back(source->view);
  if (source->calibration_rows > 1)
    begin.views[0].shape = GARITA_SHAPE_FRAME, begin.views[0].rows = rows, begin.views[0].slices = 1;
  normalize::CalibrationStore store = source->store(first_row, rows);
  Catch made;
  made.begin(out);
  normalize::ScanNormalizer normalizer(store, made);
  if (!normalizer.begin(begin) || !normalizer.strip(strip) || !made.filled()) return not_derivable(plane);
  return {};
}

base::Result<void> make_planes_readable(Reader& reader) {
  const auto by_hash = [](const PlaneInfo& plane) { return plane.spec.by_hash; };
  if (std::none_of(reader.planes().begin(), reader.planes().end(), by_hash)) return {};
  GARITA_TRY_ASSIGN(stored, package::read_inspection(reader));
  reader.set_deriver(std::make_shared<PlaneMaker>(stored.inspection));
  return {};
}

bool is_made_alike_everywhere(uint32_t fidelity) {
  return fidelity == GARITA_FIDELITY_RAW_COUNTS || fidelity == GARITA_FIDELITY_TRANSMISSION;
}

}  // namespace garita::host
