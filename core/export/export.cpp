#include "core/export/export.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "core/base/digest.hpp"
#include "core/export/npy.hpp"
#include "core/image/view.hpp"
#include "core/picture/png.hpp"
#include "core/record/leaf.hpp"
#include "garita/status.h"

namespace garita::exporter {
namespace {

using base::Error;
using base::Outcome;
using package::PlaneInfo;

constexpr size_t block_bytes = 4u << 20;
constexpr std::pair<std::string_view, Format> formats[] = {{"npy", Format::npy}, {"png", Format::png}};

std::string_view word_of(Format format) {
  return std::find_if(std::begin(formats), std::end(formats),
                      [&](auto& each) { return each.second == format; })
      ->first;
}

// What the numbers of a view mean, as far as the record says.
struct Meaning {
  std::string fidelity;
  uint32_t offset = 0, scale = 0;  // of canonical transmission; scale 0: it is not
};

base::Result<std::map<std::string, Meaning>> meanings_of(package::Reader& reader) {
  GARITA_TRY_ASSIGN(fields, reader.read_record());
  std::vector<record::Leaf> leaves;
  for (const package::FieldInfo& field : fields)
    if (!field.name_withheld && !field.value_withheld && field.path.starts_with("views["))
      leaves.push_back({field.path, std::string(field.value.begin(), field.value.end())});
  GARITA_TRY_ASSIGN(record, record::from_leaves(leaves));
  std::map<std::string, Meaning> meanings;
  for (const v1::View& view : record.views())
    meanings[view.name()] = {image::fidelity_name(static_cast<uint32_t>(view.fidelity())),
                             view.transmission_offset(), view.transmission_scale()};
  return meanings;
}

// Rows [first, first + rows) of a plane, block by block.
template <typename Take>
base::Result<void> each_block(package::Reader& reader, const PlaneInfo& plane, uint64_t first, uint64_t rows,
                              const Take& take) {
  const size_t row_bytes = size_t{plane.spec.columns} * image::sample_size_bytes(plane.spec.sample_type);
  const uint64_t rows_a_block = std::max<uint64_t>(1, block_bytes / row_bytes);
  std::vector<std::byte> block(std::min(rows, rows_a_block) * row_bytes);
  for (uint64_t done = 0; done < rows; done += rows_a_block) {
    const uint64_t count = std::min(rows_a_block, rows - done);
    const auto bytes = std::span(block).first(count * row_bytes);
    GARITA_TRY(reader.read_rows(plane, first + done, count, bytes));
    GARITA_TRY(take(std::span<const std::byte>(bytes), row_bytes));
  }
  return {};
}

class Exporter {
 public:
  Exporter(package::Reader& reader, Format format, base::FileSystem& files)
      : reader_(reader), format_(format), files_(files) {}

  base::Result<ExportReport> run(const std::filesystem::path& out, const Selection& selection) {
    const std::vector<const PlaneInfo*> planes = chosen(selection);
    if (planes.empty())
      return Error{
          Outcome::no, "export.no_plane", {{"view", selection.view}, {"channel", selection.channel}}};
    if (auto meanings = meanings_of(reader_))
      meanings_ = std::move(meanings).value();
    else
      return std::move(meanings).error();

    const bool to_file = out.extension() == "." + std::string(word_of(format_));
    uint64_t count = 0;
    for (const PlaneInfo* plane : planes) count += files_of(*plane);
    if (to_file && count > 1)
      return Error{
          Outcome::usage, "export.many_files", {{"path", out.string()}, {"count", std::to_string(count)}}};
    if (!to_file && count > 0) GARITA_TRY(files_.create_folders(out, 0755));
    for (const PlaneInfo* plane : planes) {
      auto written = write(*plane, out, to_file);
      if (written.ok()) continue;
      if (written.error().id != "package.withheld") return std::move(written).error();
      report_.lost.push_back(
          {"export.lost_withheld", fields_of(*plane)});  // a tile of it: no file was left behind
    }
    list_the_rest();
    return std::move(report_);
  }

 private:
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
    const uint32_t type = plane.spec.sample_type;
    if (format_ == Format::png && type != GARITA_SAMPLE_U8 && type != GARITA_SAMPLE_U16)
      return "export.lost_type";
    return {};
  }

  static std::vector<base::Field> fields_of(const PlaneInfo& plane) {
    return {{"view", plane.spec.view},
            {"channel", plane.spec.channel},
            {"type", image::sample_type_name(plane.spec.sample_type)}};
  }

  uint64_t files_of(const PlaneInfo& plane) const {
    if (!obstacle(plane).empty()) return 0;
    return format_ == Format::png ? slices_of(plane) : 1;
  }

  static uint64_t slices_of(const PlaneInfo& plane) {
    return (plane.rows + plane.rows_a_slice - 1) / plane.rows_a_slice;  // the last may be short
  }

  base::Result<void> write(const PlaneInfo& plane, const std::filesystem::path& out, bool to_file) {
    if (const std::string id = obstacle(plane); !id.empty()) {
      report_.lost.push_back({id, fields_of(plane)});
      return {};
    }
    if (!plane.complete) report_.lost.push_back({"export.lost_rows", fields_of(plane)});
    const std::string name = unused_name(plane);
    if (format_ == Format::npy) return write_npy(plane, to_file ? out : out / (name + ".npy"));
    const uint64_t slices = slices_of(plane);
    for (uint64_t slice = 0; slice < slices; ++slice) {
      std::string number = std::to_string(slice);
      number.insert(0, number.size() < 4 ? 4 - number.size() : 0, '0');
      const std::string file = slices == 1 ? name + ".png" : name + "_" + number + ".png";
      GARITA_TRY(write_png(plane, slice, to_file ? out : out / file));
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

  base::Result<void> write_npy(const PlaneInfo& plane, const std::filesystem::path& path) {
    NpyHeader header{plane.spec.sample_type, {plane.rows, plane.spec.columns}};
    if (plane.rows > plane.rows_a_slice && plane.rows % plane.rows_a_slice == 0)
      header.shape = {plane.rows / plane.rows_a_slice, plane.rows_a_slice, plane.spec.columns};
    GARITA_TRY_ASSIGN(writer, NpyWriter::create(path, header, files_));
    GARITA_TRY(each_block(reader_, plane, 0, plane.rows,
                          [&](std::span<const std::byte> rows, size_t) { return writer.write(rows); }));
    GARITA_TRY(writer.finish());
    report_.files.push_back(path);
    return {};
  }

  base::Result<void> write_png(const PlaneInfo& plane, uint64_t slice, const std::filesystem::path& path) {
    const uint64_t first = slice * plane.rows_a_slice,
                   rows = std::min(plane.rows_a_slice, plane.rows - first);
    if (rows > INT32_MAX)
      return Error{Outcome::no, "export.png_too_long", {{"path", path.string()}}, GARITA_HOST_LIMIT};
    picture::PngHeader header;
    header.width = plane.spec.columns;
    header.height = static_cast<uint32_t>(rows);
    header.kind =
        plane.spec.sample_type == GARITA_SAMPLE_U16 ? picture::PngKind::grey16 : picture::PngKind::grey8;
    header.texts = texts_of(plane);
    GARITA_TRY_ASSIGN(writer, picture::PngWriter::create(path, header, files_));
    const auto write_block = [&](std::span<const std::byte> block, size_t row_bytes) -> base::Result<void> {
      for (size_t at = 0; at < block.size(); at += row_bytes)
        GARITA_TRY(writer->row(block.subspan(at, row_bytes)));
      return {};
    };
    GARITA_TRY(each_block(reader_, plane, first, rows, write_block));
    GARITA_TRY(writer->finish());
    report_.files.push_back(path);
    return {};
  }

  // Words of the record, not of a person: the same in every language.
  std::vector<std::pair<std::string, std::string>> texts_of(const PlaneInfo& plane) const {
    std::vector<std::pair<std::string, std::string>> texts = {
        {"garita.package", base::to_text(reader_.root())},
        {"garita.view", plane.spec.view},
        {"garita.channel", plane.spec.channel}};
    const auto found = meanings_.find(plane.spec.view);
    if (found == meanings_.end()) return texts;
    texts.emplace_back("garita.fidelity", found->second.fidelity);
    if (found->second.scale == 0 || plane.spec.sample_type != GARITA_SAMPLE_U16) return texts;
    texts.emplace_back("garita.transmission_offset", std::to_string(found->second.offset));
    texts.emplace_back("garita.transmission_scale", std::to_string(found->second.scale));
    return texts;
  }

  void list_the_rest() {
    const auto count = [this](const char* id, size_t number) {
      if (number > 0) report_.lost.push_back({id, {{"count", std::to_string(number)}}});
    };
    size_t raw = 0;
    for (const PlaneInfo& plane : reader_.planes()) raw += plane.spec.role == package::RasterRole::raw;
    report_.lost.push_back({"export.lost_record", {}});
    report_.lost.push_back({"export.lost_proof", {}});
    if (format_ == Format::npy) report_.lost.push_back({"export.lost_scale", {}});
    count("export.lost_raw", raw);
    count("export.lost_calibrations", reader_.calibrations().size());
    count("export.lost_attachments", reader_.attachments().size());
    count("export.lost_parts", reader_.parts_withheld());
  }

  package::Reader& reader_;
  const Format format_;
  base::FileSystem& files_;
  std::map<std::string, Meaning> meanings_;
  std::set<std::string> names_;
  ExportReport report_;
};

}  // namespace

std::optional<Format> format_of(std::string_view word) {
  for (const auto& [name, format] : formats)
    if (name == word) return format;
  return std::nullopt;
}

std::string known_formats() {
  std::string text;
  for (const auto& [name, format] : formats) (text += text.empty() ? "" : ", ") += name;
  return text;
}

base::Result<ExportReport> export_package(package::Reader& reader, Format format,
                                          const std::filesystem::path& out, const Selection& selection,
                                          base::FileSystem& files) {
  return Exporter(reader, format, files).run(out, selection);
}

}  // namespace garita::exporter
