#include "core/host/open_package.hpp"

#include "core/package/inspection.hpp"

namespace garita::host {

base::Result<OpenPackage> open_package(const std::filesystem::path& path) {
  GARITA_TRY_ASSIGN(reader, package::Reader::open(path));
  GARITA_TRY_ASSIGN(stored, package::read_inspection(reader));
  for (std::string& name : stored.withheld)
    if (name.empty()) name = "?";
  return OpenPackage{std::move(reader), std::move(stored.inspection), std::move(stored.withheld)};
}

}  // namespace garita::host
