// The exported symbols of the library that writes DICOM and DICOS.
#include "core/export/dicos/dx_file.hpp"
#include "core/export/dicos/tdr_file.hpp"

#define GARITA_EXPORTED extern "C" __attribute__((visibility("default")))

GARITA_EXPORTED void garita_tdr_file(const garita::exporter::dicos::Report& report,
                                     std::optional<garita::base::Result<std::string>>& out) {
  out = garita::exporter::dicos::tdr_file(report);
}

GARITA_EXPORTED void garita_dx_head(const garita::exporter::dicos::Image& image,
                                    std::optional<garita::base::Result<std::string>>& out) {
  out = garita::exporter::dicos::dx_head(image);
}
