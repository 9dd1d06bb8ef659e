// PNG: grey of 8 and 16 bits, a file a slice.
#include "core/export/target.hpp"
#include "core/image/view.hpp"
#include "core/picture/png.hpp"
#include "garita/status.h"

namespace garita::exporter {
namespace {

class PngFile final : public PlaneFile {
 public:
  PngFile(std::unique_ptr<picture::PngWriter> writer, size_t row_bytes)
      : writer_(std::move(writer)), row_bytes_(row_bytes) {}
  base::Result<void> rows(std::span<const std::byte> samples) override {
    for (size_t at = 0; at < samples.size(); at += row_bytes_)
      GARITA_TRY(writer_->row(samples.subspan(at, row_bytes_)));
    return {};
  }
  base::Result<void> finish() override { return writer_->finish(); }

 private:
  std::unique_ptr<picture::PngWriter> writer_;
  size_t row_bytes_;
};

class PngTarget final : public Target {
 public:
  PngTarget(const Source& source, base::FileSystem& files) : source_(source), files_(files) {}

  std::string obstacle(const package::PlaneInfo& plane) const override {
    const uint32_t type = plane.spec.sample_type;
    return type == GARITA_SAMPLE_U8 || type == GARITA_SAMPLE_U16 ? "" : "export.lost_type";
  }

  uint64_t rows_a_file(const package::PlaneInfo& plane) const override { return plane.rows_a_slice; }

  base::Result<std::unique_ptr<PlaneFile>> create(const std::filesystem::path& path,
                                                  const Piece& piece) override {
    if (piece.rows > INT32_MAX)
      return base::Error{
          base::Outcome::no, "export.png_too_long", {{"path", path.string()}}, GARITA_HOST_LIMIT};
    const bool wide = piece.plane.spec.sample_type == GARITA_SAMPLE_U16;
    picture::PngHeader header;
    header.width = piece.plane.spec.columns;
    header.height = static_cast<uint32_t>(piece.rows);
    header.kind = wide ? picture::PngKind::grey16 : picture::PngKind::grey8;
    header.texts = texts_of(piece.plane);
    if (const v1::View* view = source_.view(piece.plane.spec.view)) {
      header.metres_per_pixel_x = view->geometry().pitch_across_um() * 1e-6;
      header.metres_per_pixel_y = view->geometry().pitch_along_um() * 1e-6;
    }
    GARITA_TRY_ASSIGN(writer, picture::PngWriter::create(path, header, files_));
    return std::unique_ptr<PlaneFile>(
        new PngFile(std::move(writer), size_t{header.width} * picture::sample_bytes(header.kind)));
  }

 private:
  // Words of the record, not of a person: the same in every language.
  std::vector<std::pair<std::string, std::string>> texts_of(const package::PlaneInfo& plane) const {
    std::vector<std::pair<std::string, std::string>> texts = {{"garita.package", base::to_text(source_.root)},
                                                              {"garita.view", plane.spec.view},
                                                              {"garita.channel", plane.spec.channel}};
    if (const v1::View* view = source_.view(plane.spec.view))
      texts.emplace_back("garita.fidelity", image::fidelity_name(static_cast<uint32_t>(view->fidelity())));
    if (const v1::View* view = source_.transmission(plane)) {
      texts.emplace_back("garita.transmission_offset", std::to_string(view->transmission_offset()));
      texts.emplace_back("garita.transmission_scale", std::to_string(view->transmission_scale()));
    }
    return texts;
  }

  const Source& source_;
  base::FileSystem& files_;
};

}  // namespace

std::unique_ptr<Target> png_target(const Source& source, base::FileSystem& files) {
  return std::make_unique<PngTarget>(source, files);
}

}  // namespace garita::exporter
