#include "tools/garita-sim/truth.hpp"

#include <system_error>

#include "core/base/file.hpp"

namespace garita::sim {
namespace {

base::Result<void> make_folder(const std::filesystem::path& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (!error) return {};
  return base::Error{base::Outcome::usage,
                     "sim.cannot_write_truth",
                     {{"path", folder.string()}, {"reason", error.message()}}};
}

}  // namespace

base::Result<DensityFile> DensityFile::create(const std::filesystem::path& folder, const std::string& key,
                                              uint32_t lines, uint32_t columns) {
  GARITA_TRY(make_folder(folder));
  GARITA_TRY_ASSIGN(writer,
                    exporter::NpyWriter::create(folder / (key + ".npy"),
                                                {GARITA_SAMPLE_F32, {lines, columns, ray_materials}}));
  return DensityFile(std::move(writer), columns);
}

base::Result<void> DensityFile::add(const std::array<std::span<float>, ray_materials>& densities) {
  for (size_t column = 0; column < densities[0].size(); ++column)
    for (size_t material = 0; material < ray_materials; ++material)
      line_[column * ray_materials + material] = densities[material][column];
  return writer_.write(std::as_bytes(std::span(line_)));
}

base::Result<void> write_truth(const std::filesystem::path& folder, const std::string& key,
                               const std::string& json) {
  GARITA_TRY(make_folder(folder));
  return base::write_file(folder / (key + ".json"), std::as_bytes(std::span(json)));
}

}  // namespace garita::sim
