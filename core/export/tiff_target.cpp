// TIFF: every sample type; a page a slice.
#include <array>
#include <nlohmann/json.hpp>

#include "core/base/clock.hpp"
#include "core/export/library.hpp"
#include "core/export/target.hpp"
#include "core/export/tiff/tiff_file.hpp"
#include "core/image/view.hpp"
#include "garita/status.h"

namespace garita::exporter {
namespace {

// "2026:03:01 12:34:56"; empty where unknown.
std::string date_time_of(const v1::Time& time) {
  if (!time.started().has_utc_ns()) return {};
  std::string text = base::format_utc(time.started().utc_ns(), 0);
  if (text.size() < 19) return {};
  text.resize(19);
  text[4] = text[7] = ':';
  text[10] = ' ';
  return text;
}

class TiffTarget final : public Target {
 public:
  TiffTarget(const Source& source, TiffPacking packing, base::FileSystem& files)
      : source_(source), packing_(packing), files_(files) {}

  base::Result<std::unique_ptr<PlaneFile>> create(const std::filesystem::path& path,
                                                  const Piece& piece) override {
    static const auto& library = *new LibraryFunction<tiff::CreateFunction>(tiff::library, tiff::symbol);
    if (!library.function)
      return base::Error{base::Outcome::not_loaded,
                         "export.no_tiff",
                         {{"path", library.path}, {"reason", library.reason}},
                         GARITA_NOT_SUPPORTED};
    std::optional<base::Result<std::unique_ptr<PlaneFile>>> file;
    library.function(path, header_of(piece.plane), files_, file);
    return *std::move(file);
  }

 private:
  tiff::Header header_of(const package::PlaneInfo& plane) const {
    tiff::Header header;
    header.columns = plane.spec.columns;
    header.sample_type = plane.spec.sample_type;
    header.rows = plane.rows;
    header.rows_a_page = plane.rows_a_slice;
    header.packing = packing_;
    header.description = description_of(plane);
    header.software = "Garita " GARITA_VERSION;
    header.date_time = date_time_of(source_.record.time());
    header.page_name = plane.spec.view + "/" + plane.spec.channel;
    if (const v1::View* view = source_.view(plane.spec.view)) {
      header.row_is_a_column = view->shape() == v1::View::SHAPE_SCAN;
      header.pitch_x_um = view->geometry().pitch_across_um();
      header.pitch_y_um = view->geometry().pitch_along_um();
    }
    return header;
  }

  // One line of JSON in ASCII: what no tag of TIFF says.
  std::string description_of(const package::PlaneInfo& plane) const {
    nlohmann::ordered_json said = {
        {"package", base::to_text(source_.root)}, {"view", plane.spec.view}, {"channel", plane.spec.channel}};
    if (const v1::View* view = source_.view(plane.spec.view)) {
      said["quantity"] = image::quantity_name(static_cast<uint32_t>(view->quantity()));
      said["fidelity"] = image::fidelity_name(static_cast<uint32_t>(view->fidelity()));
      const v1::Geometry& geometry = view->geometry();
      if (geometry.has_pitch_across_um()) said["pitch_across_um"] = geometry.pitch_across_um();
      if (geometry.has_pitch_along_um()) said["pitch_along_um"] = geometry.pitch_along_um();
      if (geometry.has_pitch_slice_um()) said["pitch_slice_um"] = geometry.pitch_slice_um();
    }
    if (const v1::View* view = source_.transmission(plane)) {
      said["transmission_offset"] = view->transmission_offset();
      said["transmission_scale"] = view->transmission_scale();
    }
    return said.dump(-1, ' ', true, nlohmann::json::error_handler_t::replace);
  }

  const Source& source_;
  const TiffPacking packing_;
  base::FileSystem& files_;
};

}  // namespace

std::unique_ptr<Target> tiff_target(const Source& source, TiffPacking packing, base::FileSystem& files) {
  return std::make_unique<TiffTarget>(source, packing, files);
}

}  // namespace garita::exporter
