#include "core/export/export.hpp"

#include <algorithm>
#include <set>

#include "core/export/target.hpp"
#include "core/export/tdr.hpp"
#include "core/image/view.hpp"
#include "core/package/inspection.hpp"

namespace garita::exporter {
namespace {

using base::Error;
using base::Outcome;
using package::PlaneInfo;

constexpr size_t block_bytes = 4u << 20;

struct Known {
  std::string_view word;
  Format format;
  std::string_view extension, other_extension, name;
};
constexpr Known formats[] = {
    {"npy", Format::npy, ".npy", "", "NumPy"},       {"png", Format::png, ".png", "", "PNG"},
    {"tiff", Format::tiff, ".tiff", ".tif", "TIFF"}, {"dicom", Format::dicom, ".dcm", "", "DICOM"},
    {"dicos", Format::dicos, ".dcs", "", "DICOS"},   {"tdr", Format::tdr, ".dcs", "", "DICOS"},
};

const Known& known(Format format) {
  return *std::find_if(std::begin(formats), std::end(formats),
                       [&](const Known& each) { return each.format == format; });
}

class Exporter {
 public:
  Exporter(package::Reader& reader, Format format, base::FileSystem& files)
      : reader_(reader), format_(known(format)), files_(files) {}

  base::Result<ExportReport> run(const std::filesystem::path& out, const Selection& selection) {
    const std::vector<const PlaneInfo*> planes = chosen(selection);
    if (planes.empty() && !with_reports())
      return Error{
          Outcome::no, "export.no_plane", {{"view", selection.view}, {"channel", selection.channel}}};
    GARITA_TRY_ASSIGN(stored, package::read_inspection(reader_));
    source_ = {std::move(stored.inspection), reader_.root(), &reader_.planes()};
    target_ = make_target(selection);
    const ReportScope scope = scope_of(selection, planes);
    if (format_.format == Format::tdr) return export_tdr(source_.record, source_.root, out, files_, scope);

    std::vector<Lost> of_reports;
    if (with_reports()) reports_ = tdr_of(source_.record, source_.root, of_reports, scope);
    GARITA_TRY(make_room(out, planes));
    for (const PlaneInfo* plane : planes) GARITA_TRY(write(*plane, out));
    for (const dicos::Report& each : reports_) {
      const std::filesystem::path path = to_file_ ? out : out / report_file(each, reports_.size());
      GARITA_TRY(write_report(each, path, files_));
      report_.files.push_back(path);
    }
    list_the_rest(std::move(of_reports));
    return std::move(report_);
  }

 private:
  std::unique_ptr<Target> make_target(const Selection& selection) {
    switch (format_.format) {
      case Format::npy:
        return npy_target(files_);
      case Format::png:
        return png_target(source_, files_);
      case Format::tiff:
        return tiff_target(source_, selection.packing, files_);
      case Format::dicom:
        return dx_target(source_, false, files_);
      case Format::dicos:
      case Format::tdr:
        return dx_target(source_, true, files_);
    }
    return nullptr;
  }

  bool with_reports() const { return format_.format == Format::dicos || format_.format == Format::tdr; }

  // Reports speak of the first plane of their view that is written.
  ReportScope scope_of(const Selection& selection, const std::vector<const PlaneInfo*>& planes) const {
    ReportScope scope;
    if (!selection.view.empty() || !selection.channel.empty())
      scope.name = "/" + selection.view + "/" + selection.channel;
    scope.view = selection.view;
    for (const PlaneInfo* plane : planes)
      if (with_reports() && obstacle(*plane).empty())
        scope.images.try_emplace(
            plane->spec.view, ReportScope::Shown{image_name_of(source_, *plane), target_->rows_a_file(*plane),
                                                 files_of(*plane)});
    return scope;
  }

  // One file or a folder, whichever `out` names.
  base::Result<void> make_room(const std::filesystem::path& out,
                               const std::vector<const PlaneInfo*>& planes) {
    const std::string extension = out.extension().string();
    to_file_ = !extension.empty() && (extension == format_.extension || extension == format_.other_extension);
    uint64_t count = reports_.size();
    for (const PlaneInfo* plane : planes) count += files_of(*plane);
    if (count == 0 && with_reports()) return Error{Outcome::no, "export.nothing_for_dicos", {}};
    if (to_file_ && count > 1)
      return Error{
          Outcome::usage, "export.many_files", {{"path", out.string()}, {"count", std::to_string(count)}}};
    for (const dicos::Report& each : reports_)  // their names are taken
      names_.insert(std::filesystem::path(report_file(each, reports_.size())).stem().string());
    return to_file_ || count == 0 ? base::Result<void>() : files_.create_folders(out, 0755);
  }

  std::vector<const PlaneInfo*> chosen(const Selection& selection) const {
    std::vector<const PlaneInfo*> planes;
    for (const PlaneInfo& plane : reader_.planes())
      if (plane.spec.role == package::RasterRole::plane &&
          (selection.view.empty() || plane.spec.view == selection.view) &&
          (selection.channel.empty() || plane.spec.channel == selection.channel))
        planes.push_back(&plane);
    return planes;
  }

  // Why a plane cannot be written, as the id of what is lost; empty where it can.
  std::string obstacle(const PlaneInfo& plane) const {
    if (plane.withheld != package::Withheld::nothing) return "export.lost_withheld";
    if (plane.rows == 0) return "export.lost_empty";
    return target_->obstacle(plane);
  }

  std::vector<base::Field> fields_of(const PlaneInfo& plane) const {
    return {{"view", plane.spec.view},
            {"channel", plane.spec.channel},
            {"type", image::sample_type_name(plane.spec.sample_type)},
            {"format", std::string(format_.name)}};
  }

  uint64_t files_of(const PlaneInfo& plane) const {
    if (!obstacle(plane).empty()) return 0;
    const uint64_t each = target_->rows_a_file(plane);
    return (plane.rows + each - 1) / each;  // the last may be short
  }

  base::Result<void> write(const PlaneInfo& plane, const std::filesystem::path& out) {
    if (const std::string id = obstacle(plane); !id.empty()) {
      report_.lost.push_back({id, fields_of(plane)});
      return {};
    }
    if (!plane.complete) report_.lost.push_back({"export.lost_rows", fields_of(plane)});
    const std::string name = unused_name(plane);
    Piece piece{plane};
    piece.count = files_of(plane);
    for (; piece.number < piece.count; ++piece.number) {
      const uint64_t each = target_->rows_a_file(plane);
      piece.first_row = piece.number * each;
      piece.rows = std::min(each, plane.rows - piece.first_row);
      std::string number = std::to_string(piece.number);
      number.insert(0, number.size() < 4 ? 4 - number.size() : 0, '0');
      const std::string file =
          (piece.count == 1 ? name : name + "_" + number) + std::string(format_.extension);
      auto written = write_piece(piece, to_file_ ? out : out / file);
      if (written.ok()) continue;
      if (written.error().id != "package.withheld") return std::move(written).error();
      report_.lost.push_back({"export.lost_withheld", fields_of(plane)});  // a tile of it: no file is left
      break;
    }
    return {};
  }

  // A name from outside never leaves the folder, and no two planes share one.
  std::string unused_name(const PlaneInfo& plane) {
    std::string name = plane.spec.view + "_" + plane.spec.channel;
    for (char& c : name)
      if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-')) c = '_';
    std::string unused = name;
    for (int i = 2; !names_.insert(unused).second; ++i) unused = name + "-" + std::to_string(i);
    return unused;
  }

  base::Result<void> write_piece(const Piece& piece, const std::filesystem::path& path) {
    GARITA_TRY_ASSIGN(file, target_->create(path, piece));
    const size_t row_bytes =
        size_t{piece.plane.spec.columns} * image::sample_size_bytes(piece.plane.spec.sample_type);
    const uint64_t rows_a_block = std::max<uint64_t>(1, block_bytes / row_bytes);
    std::vector<std::byte> block(std::min(piece.rows, rows_a_block) * row_bytes);
    for (uint64_t done = 0; done < piece.rows; done += rows_a_block) {
      const uint64_t count = std::min(rows_a_block, piece.rows - done);
      const auto bytes = std::span(block).first(count * row_bytes);
      GARITA_TRY(reader_.read_rows(piece.plane, piece.first_row + done, count, bytes));
      GARITA_TRY(file->rows(bytes));
    }
    GARITA_TRY(file->finish());
    report_.files.push_back(path);
    return {};
  }

  void list_the_rest(std::vector<Lost> of_reports) {
    const auto count = [this](const char* id, size_t number) {
      if (number > 0) report_.lost.push_back({id, {{"count", std::to_string(number)}}});
    };
    size_t raw = 0;
    for (const PlaneInfo& plane : reader_.planes()) raw += plane.spec.role == package::RasterRole::raw;
    target_->list_losses(of_reports);
    for (Lost& each : of_reports)
      if (!is_listed(each)) report_.lost.push_back(std::move(each));
    count("export.lost_raw", raw);
    count("export.lost_calibrations", reader_.calibrations().size());
    count("export.lost_attachments", reader_.attachments().size());
    count("export.lost_parts", reader_.parts_withheld());
  }

  bool is_listed(const Lost& lost) const {
    return std::any_of(report_.lost.begin(), report_.lost.end(), [&](const Lost& each) {
      return each.id == lost.id &&
             std::equal(each.fields.begin(), each.fields.end(), lost.fields.begin(), lost.fields.end(),
                        [](const auto& a, const auto& b) { return a.name == b.name && a.value == b.value; });
    });
  }

  package::Reader& reader_;
  const Known& format_;
  base::FileSystem& files_;
  Source source_;
  std::unique_ptr<Target> target_;
  bool to_file_ = false;
  std::vector<dicos::Report> reports_;
  std::set<std::string> names_;
  ExportReport report_;
};

}  // namespace

const v1::View* Source::view(std::string_view name) const {
  for (const v1::View& each : record.views())
    if (each.name() == name) return &each;
  return nullptr;
}

const v1::View* Source::transmission(const PlaneInfo& plane) const {
  const v1::View* const found = view(plane.spec.view);
  const bool is_canonical = found != nullptr && found->transmission_scale() != 0;
  return is_canonical && plane.spec.sample_type == GARITA_SAMPLE_U16 ? found : nullptr;
}

void Target::list_losses(std::vector<Lost>& lost) {
  lost.push_back({"export.lost_record", {}});
  lost.push_back({"export.lost_proof", {}});
}

std::optional<Format> format_of(std::string_view word) {
  for (const Known& each : formats)
    if (each.word == word) return each.format;
  return std::nullopt;
}

std::string known_formats() {
  std::string text;
  for (const Known& each : formats) (text += text.empty() ? "" : ", ") += each.word;
  return text;
}

base::Result<ExportReport> export_package(package::Reader& reader, Format format,
                                          const std::filesystem::path& out, const Selection& selection,
                                          base::FileSystem& files) {
  return Exporter(reader, format, files).run(out, selection);
}

}  // namespace garita::exporter
