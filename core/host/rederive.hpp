// Is the canonical image what the detector delivered? Each plane is made again from what the package keeps of
// it: raw rows, doses and calibration (raw_planes.hpp), by the very definition that made it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "core/host/open_package.hpp"

namespace garita::host {

enum class Derivation {
  same,          // every pixel
  differs,       // from `first_row` on
  as_delivered,  // stored as the driver gave it: nothing was derived
  not_kept,      // the package has no raw rows, or not their calibration
  withheld,      // some of it was withheld before it came here
};

struct RederivedPlane {
  std::string name;  // `<view>/<channel>`
  Derivation derivation = Derivation::same;
  uint64_t first_row = 0;  // in the order of package::Reader, where it differs
};

// Every canonical plane, in the order of the file; a few rows at a time. Errors: those of reading, which name
// the place.
base::Result<std::vector<RederivedPlane>> rederive(OpenPackage& package);

}  // namespace garita::host
