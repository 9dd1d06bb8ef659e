#include "core/host/open_package.hpp"

#include <algorithm>
#include <memory>

#include "core/host/plane_maker.hpp"
#include "core/package/inspection.hpp"

namespace garita::host {

base::Result<OpenPackage> open_package(const std::filesystem::path& path) {
  GARITA_TRY_ASSIGN(reader, package::Reader::open(path));
  GARITA_TRY_ASSIGN(stored, package::read_inspection(reader));
  for (std::string& name : stored.withheld)
    if (name.empty()) name = "?";
  const auto& planes = reader.planes();
  if (std::any_of(planes.begin(), planes.end(), [](const auto& plane) { return plane.spec.by_hash; }))
    reader.set_deriver(std::make_shared<PlaneMaker>(stored.inspection));
  return OpenPackage{std::move(reader), std::move(stored.inspection), std::move(stored.withheld)};
}

}  // namespace garita::host
