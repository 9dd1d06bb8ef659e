// A package opened for reading, with its record rebuilt; planes that are kept by their hashes are made again as
// they are read (plane_maker.hpp).
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "core/package/reader.hpp"
#include "garita/v1/inspection.pb.h"

namespace garita::host {

struct OpenPackage {
  package::Reader reader;
  v1::Inspection record;              // without what is withheld
  std::vector<std::string> withheld;  // names of record fields that were withheld; "?" where the name is too
};

base::Result<OpenPackage> open_package(const std::filesystem::path& path);

}  // namespace garita::host
