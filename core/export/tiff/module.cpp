// The exported symbol of the library that writes TIFF.
#include "core/export/tiff/tiff_file.hpp"

extern "C" __attribute__((visibility("default"))) void garita_tiff_create(
    const std::filesystem::path& path, const garita::exporter::tiff::Header& header,
    garita::base::FileSystem& files,
    std::optional<garita::base::Result<std::unique_ptr<garita::exporter::PlaneFile>>>& out) {
  out = garita::exporter::tiff::create(path, header, files);
}
