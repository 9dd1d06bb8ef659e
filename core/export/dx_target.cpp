// DICOM DX and DICOS DX: X-ray planes of 8 and 16 bits, one image each; a plane longer than a DX image may be
// becomes several, in one series.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <optional>

#include "core/export/dicos/dx_file.hpp"
#include "core/export/dicos/tdr_file.hpp"
#include "core/export/dicos_text.hpp"
#include "core/export/library.hpp"
#include "core/export/target.hpp"
#include "core/export/tdr.hpp"
#include "core/export/wording.hpp"
#include "core/image/view.hpp"
#include "garita/status.h"

namespace garita::exporter {
namespace {

using package::PlaneInfo;

constexpr uint32_t max_columns = 65535;  // (0028,0011) is US, and so are rows
constexpr uint64_t max_rows = 65535 / package::tile_rows * package::tile_rows;
constexpr uint64_t max_pixel_bytes = 1023u << 20;  // with its head, as much as drivers/dicos reads

std::string decimal(double value) {  // DS: 16 letters at most
  char text[32];
  std::snprintf(text, sizeof text, "%.9g", value);
  return text;
}

base::Result<std::string> head_of(const dicos::Image& image) {
  static const auto& library =
      *new LibraryFunction<dicos::DxFunction>(dicos::dicos_library, dicos::dx_symbol);
  if (!library.function)
    return base::Error{base::Outcome::not_loaded,
                       "export.no_dicos",
                       {{"path", library.path}, {"reason", library.reason}},
                       GARITA_NOT_SUPPORTED};
  std::optional<base::Result<std::string>> head;
  library.function(image, head);
  return *std::move(head);
}

// (7FE0,0010) and what follows its tag, as dicos/dx_file.hpp draws it.
std::string pixel_front(uint16_t bits, uint64_t bytes) {
  std::string front("\xE0\x7F\x10\x00OW\0\0", 8);
  if (bits == 8) front[5] = 'B';
  bytes += bytes % 2;
  for (int i = 0; i < 4; ++i) front += static_cast<char>(bytes >> 8 * i);
  return front;
}

class DxFile final : public PlaneFile {
 public:
  DxFile(base::AtomicFile file, uint64_t bytes) : file_(std::move(file)), bytes_(bytes) {}
  base::Result<void> rows(std::span<const std::byte> samples) override { return file_.append(samples); }
  base::Result<void> finish() override {
    if (bytes_ % 2 != 0) GARITA_TRY(file_.append(std::string_view("\0", 1)));
    return file_.commit();
  }

 private:
  base::AtomicFile file_;
  uint64_t bytes_;
};

// ---- What the elements say of one plane

class Translation {
 public:
  Translation(const Source& source, const Piece& piece, bool is_dicos, Wording& wording)
      : source_(source),
        plane_(piece.plane),
        piece_(piece),
        wording_(wording),
        view_(source.view(plane_.spec.view) ? *source.view(plane_.spec.view) : unknown_) {
    out_.is_dicos = is_dicos;
  }

  dicos::Image run() {
    wording_.fill(view_.device_index(), out_, last_air_of(view_));
    set_names();
    set_numbers();
    set_pixels();
    set_meaning();
    set_place();
    set_beam();
    return std::move(out_);
  }

 private:
  const v1::Channel* channel() const {
    for (const v1::Channel& each : view_.channels())
      if (image::channel_name(static_cast<uint32_t>(each.kind())) == plane_.spec.channel) return &each;
    return nullptr;
  }

  void set_names() {
    const std::string name = image_name_of(source_, plane_);
    const std::string form = out_.is_dicos ? "" : "dicom ";  // two objects, though of the same pixels
    out_.instance_uid = dicos_uid(source_.root, form + part_name(name, piece_.number));
    out_.study_uid = dicos_uid(source_.root, "scan");
    out_.series_uid = dicos_uid(source_.root, form + "series/" + name);
    out_.frame_uid = dicos_uid(source_.root, "frame/" + plane_.spec.view);
    out_.view = plane_.spec.view;
    out_.channel = plane_.spec.channel;
    out_.package = base::to_text(source_.root);
    out_.fidelity = image::fidelity_name(static_cast<uint32_t>(view_.fidelity()));
    out_.study_description = out_.object_type;
    out_.series_description = dicos_text(plane_.spec.view + " " + plane_.spec.channel, 64);
    out_.number = static_cast<uint32_t>(piece_.number) + 1;
  }

  // Which view and energy of how many, in the order of the package.
  void set_numbers() {
    std::vector<std::string> views, energies;
    uint32_t planes = 0;
    for (const PlaneInfo& each : *source_.planes) {
      if (each.spec.role != package::RasterRole::plane) continue;
      ++planes;
      if (std::find(views.begin(), views.end(), each.spec.view) == views.end())
        views.push_back(each.spec.view);
      if (each.spec.view == plane_.spec.view) energies.push_back(each.spec.channel);
      if (each.part == plane_.part) out_.series_number = planes;
    }
    const auto place = [](const std::vector<std::string>& in, const std::string& name) {
      return static_cast<uint16_t>(std::find(in.begin(), in.end(), name) - in.begin() + 1);
    };
    out_.view_number = place(views, plane_.spec.view);
    out_.views = static_cast<uint16_t>(views.size());
    out_.energy_number = place(energies, plane_.spec.channel);
    out_.energies = static_cast<uint16_t>(energies.size());
  }

  void set_pixels() {
    out_.rows = static_cast<uint16_t>(piece_.rows);
    out_.columns = static_cast<uint16_t>(plane_.spec.columns);
    out_.bits = static_cast<uint16_t>(8 * image::sample_size_bytes(plane_.spec.sample_type));
    out_.first_row = static_cast<uint32_t>(piece_.first_row);
    out_.plane_rows = static_cast<uint32_t>(std::min<uint64_t>(plane_.rows, UINT32_MAX));
    out_.window_centre = out_.bits == 8 ? "128" : "32768";
    out_.window_width = out_.bits == 8 ? "256" : "65536";
    if (const v1::View* canonical = source_.transmission(plane_)) {
      out_.transmission = {canonical->transmission_offset(), canonical->transmission_scale()};
      out_.window_centre = decimal(canonical->transmission_offset() + canonical->transmission_scale() / 2.0);
      out_.window_width = std::to_string(canonical->transmission_scale());
    }
  }

  void set_meaning() {
    const bool display = view_.fidelity() == v1::View::FIDELITY_DISPLAY;
    const bool computed = view_.fidelity() == v1::View::FIDELITY_RECONSTRUCTED;
    const bool logarithmic = !out_.transmission && view_.fidelity() == v1::View::FIDELITY_ATTENUATION;
    out_.for_presentation = display;
    out_.intensity = logarithmic ? "LOG" : "LIN";  // there is no third word
    if (display) wording_.filled("(0028,1040)", "LIN");
    out_.sign = logarithmic ? -1 : 1;
    if (!out_.transmission && view_.polarity() == v1::View::POLARITY_BRIGHT_MORE) out_.sign = 1;
    if (!out_.transmission && view_.polarity() == v1::View::POLARITY_BRIGHT_LESS) out_.sign = -1;
    out_.image_type =
        std::string(computed ? "DERIVED\\" : "ORIGINAL\\") + (out_.is_dicos ? word() : "PRIMARY");
  }

  // Value 2 of (0008,0008) in DICOS.
  const char* word() const {
    if (view_.fidelity() == v1::View::FIDELITY_RECONSTRUCTED) switch (view_.unit()) {
        case v1::View::UNIT_Z:
          return "Z_EFFECTIVE";
        case v1::View::UNIT_GRAM_PER_CM3:
          return "DENSITY";
        case v1::View::UNIT_PER_METRE:
          return "MU";
        default:
          return "INTENSITY";
      }
    return plane_.spec.channel == "high"  ? "HIGH ENERGY"
           : plane_.spec.channel == "low" ? "LOW ENERGY"
                                          : "INTENSITY";
  }

  // The object as a body that faces the way it travels: rows go to its back, columns to its feet or right.
  void set_place() {
    const v1::Geometry& geometry = view_.geometry();
    const double along_mm = geometry.pitch_along_um() / 1e3, across_mm = geometry.pitch_across_um() / 1e3;
    const bool known = along_mm > 0 && across_mm > 0;
    if (known)
      out_.pixel_mm = decimal(along_mm) + "\\" + decimal(across_mm);
    else if (!out_.is_dicos)
      wording_.filled("views[].geometry.pitch_across_um", "1");
    const auto [towards, across] = columns_go(geometry.column_zero());
    out_.towards = std::string(towards) + "\\P";
    out_.direction = std::string(across) + "\\0\\1\\0";
    out_.position = "0\\" + decimal(along_mm * static_cast<double>(piece_.first_row)) + "\\0";
    if (geometry.column_zero() == v1::Geometry::COLUMN_ZERO_UNSPECIFIED)
      wording_.filled("views[].geometry.column_zero", out_.towards);
  }

  static std::pair<const char*, const char*> columns_go(v1::Geometry::ColumnZero from) {
    switch (from) {
      case v1::Geometry::COLUMN_ZERO_BOTTOM:
        return {"H", "0\\0\\1"};
      case v1::Geometry::COLUMN_ZERO_LEFT:
        return {"R", "-1\\0\\0"};
      case v1::Geometry::COLUMN_ZERO_RIGHT:
        return {"L", "1\\0\\0"};
      default:
        return {"F", "0\\0\\-1"};
    }
  }

  void set_beam() {
    if (const double kev = energy_kev(); kev > 0) out_.kvp = decimal(kev);
    const v1::Beam& beam = source_.record.beam();
    if (beam.tube_current_ma() > 0) out_.current_ua = decimal(std::round(beam.tube_current_ma() * 1000));
    if (!out_.is_dicos) return;
    const auto zero = [&](std::string& value, const char* path) {
      if (!value.empty()) return;
      value = "0";
      wording_.filled(path, "0");
    };
    zero(out_.kvp, "beam.energies_kev");
    zero(out_.current_ua, "beam.tube_current_ma");
    wording_.filled("(4300,0902)", "0");  // effective energy
    wording_.filled("(4010,1062)", "0");  // height of the belt
    wording_.filled("(0018,7004)", "OTHER");
  }

  double energy_kev() const {
    const v1::Channel* const own = channel();
    if (own != nullptr && own->nominal_energy_kev() > 0) return own->nominal_energy_kev();
    const auto& energies = source_.record.beam().energies_kev();
    if (energies.empty()) return 0;
    if (plane_.spec.channel == "low") return *std::min_element(energies.begin(), energies.end());
    if (plane_.spec.channel == "high") return *std::max_element(energies.begin(), energies.end());
    return energies.size() == 1 ? energies[0] : 0;
  }

  const Source& source_;
  const PlaneInfo& plane_;
  const Piece& piece_;
  Wording& wording_;
  const v1::View unknown_;
  const v1::View& view_;
  dicos::Image out_;
};

// ---- The target

class DxTarget final : public Target {
 public:
  DxTarget(const Source& source, bool is_dicos, base::FileSystem& files)
      : source_(source),
        is_dicos_(is_dicos),
        files_(files),
        wording_(source.record, source.root, is_dicos ? "DICOS" : "DICOM", lost_) {}

  std::string obstacle(const PlaneInfo& plane) const override {
    const v1::View* const view = source_.view(plane.spec.view);
    const uint32_t type = plane.spec.sample_type;
    if (plane.spec.slices != 1 || (view && view->shape() == v1::View::SHAPE_VOLUME))
      return "export.lost_volume";
    const std::string& channel = plane.spec.channel;  // of a view that the record may not show
    const bool colour = channel == "red" || channel == "green" || channel == "blue";
    if (colour || (view && view->quantity() == v1::View::QUANTITY_VISIBLE)) return "export.lost_photograph";
    if (type != GARITA_SAMPLE_U8 && type != GARITA_SAMPLE_U16) return "export.lost_type";
    return plane.spec.columns > max_columns ? "export.lost_wide" : "";
  }

  uint64_t rows_a_file(const PlaneInfo& plane) const override {
    const uint64_t row_bytes =
        uint64_t{plane.spec.columns} * image::sample_size_bytes(plane.spec.sample_type);
    return std::min(max_rows, max_pixel_bytes / row_bytes / package::tile_rows * package::tile_rows);
  }

  base::Result<std::unique_ptr<PlaneFile>> create(const std::filesystem::path& path,
                                                  const Piece& piece) override {
    const dicos::Image image = Translation(source_, piece, is_dicos_, wording_).run();
    const uint64_t bytes = piece.rows * image.columns * image.bits / 8;
    GARITA_TRY_ASSIGN(head, head_of(image));
    head += pixel_front(image.bits, bytes);
    GARITA_TRY_ASSIGN(file, base::AtomicFile::create(path, 0644, files_));
    GARITA_TRY(file.append(head));
    return std::unique_ptr<PlaneFile>(new DxFile(std::move(file), bytes));
  }

  void list_losses(std::vector<Lost>& lost) override {
    std::vector<std::string> held = {"identity.subject",
                                     "device.calibrated.utc_ns",
                                     "time.started.utc_ns",
                                     "time.received.utc_ns",
                                     "beam.energies_kev",
                                     "beam.tube_current_ma",
                                     "views.name",
                                     "views.shape",
                                     "views.fidelity",
                                     "views.rows",
                                     "views.columns",
                                     "views.slices",
                                     "views.sample_type",
                                     "views.channels.kind",
                                     "views.channels.nominal_energy_kev",
                                     "views.geometry.pitch_across_um",
                                     "views.geometry.pitch_along_um",
                                     "views.geometry.column_zero",
                                     "views.geometry.rows_rear_first",
                                     "views.transmission_offset",
                                     "views.transmission_scale",
                                     "views.polarity",
                                     "views.device_index"};
    if (is_dicos_) held.insert(held.end(), {"completeness.state", "detections", "time.ended.utc_ns"});
    wording_.list_left_out(held);
    wording_.lose("export.lost_proof", {});
    lost.insert(lost.end(), lost_.begin(), lost_.end());
  }

 private:
  const Source& source_;
  const bool is_dicos_;
  base::FileSystem& files_;
  std::vector<Lost> lost_;
  Wording wording_;
};

}  // namespace

std::string image_name_of(const Source& source, const PlaneInfo& plane) {
  for (const PlaneInfo& each : *source.planes)
    if (each.spec.role == package::RasterRole::plane && each.spec.view == plane.spec.view)
      return image_name(plane.spec.view, each.part == plane.part ? std::string() : plane.spec.channel);
  return image_name(plane.spec.view);
}

std::unique_ptr<Target> dx_target(const Source& source, bool is_dicos, base::FileSystem& files) {
  return std::make_unique<DxTarget>(source, is_dicos, files);
}

}  // namespace garita::exporter
