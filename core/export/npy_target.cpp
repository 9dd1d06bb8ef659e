// NumPy: every sample type; a volume is one array.
#include "core/export/npy.hpp"
#include "core/export/target.hpp"

namespace garita::exporter {
namespace {

class NpyFile final : public PlaneFile {
 public:
  explicit NpyFile(NpyWriter writer) : writer_(std::move(writer)) {}
  base::Result<void> rows(std::span<const std::byte> samples) override { return writer_.write(samples); }
  base::Result<void> finish() override { return writer_.finish(); }

 private:
  NpyWriter writer_;
};

class NpyTarget final : public Target {
 public:
  explicit NpyTarget(base::FileSystem& files) : files_(files) {}

  base::Result<std::unique_ptr<PlaneFile>> create(const std::filesystem::path& path,
                                                  const Piece& piece) override {
    const package::PlaneInfo& plane = piece.plane;
    NpyHeader header{plane.spec.sample_type, {plane.rows, plane.spec.columns}};
    if (plane.rows > plane.rows_a_slice && plane.rows % plane.rows_a_slice == 0)
      header.shape = {plane.rows / plane.rows_a_slice, plane.rows_a_slice, plane.spec.columns};
    GARITA_TRY_ASSIGN(writer, NpyWriter::create(path, header, files_));
    return std::unique_ptr<PlaneFile>(new NpyFile(std::move(writer)));
  }

  void list_losses(std::vector<Lost>& lost) override {
    Target::list_losses(lost);
    lost.push_back({"export.lost_scale", {}});
  }

 private:
  base::FileSystem& files_;
};

}  // namespace

std::unique_ptr<Target> npy_target(base::FileSystem& files) { return std::make_unique<NpyTarget>(files); }

}  // namespace garita::exporter
