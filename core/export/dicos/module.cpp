// The exported symbol of the library that writes DICOS.
#include "core/export/dicos/tdr_file.hpp"

extern "C" __attribute__((visibility("default"))) void garita_tdr_file(
    const garita::exporter::dicos::Report& report, std::optional<garita::base::Result<std::string>>& out) {
  out = garita::exporter::dicos::tdr_file(report);
}
