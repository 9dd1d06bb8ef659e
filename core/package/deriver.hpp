// Makes again what a package keeps by its hashes alone: canonical planes, from what the detector delivered.
//
// The package knows no definition of a canonical plane; who does (core/host) gives its Reader a Deriver. The
// Reader holds every tile that comes of it against the hash in the tree, so a wrong one is found and named.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "core/base/result.hpp"

namespace garita::package {

class Reader;
struct PlaneInfo;

class Deriver {
 public:
  virtual ~Deriver() = default;

  // Rows [first_row, first_row + rows) of a slice in the order of the scan, tight, into exactly their bytes.
  // Raw rows and calibration come from `reader`. Errors: those of reading them; "package.not_derivable" where
  // the package does not hold what it takes.
  virtual base::Result<void> derive(Reader& reader, const PlaneInfo& plane, uint64_t slice,
                                    uint64_t first_row, uint32_t rows, std::span<std::byte> out) = 0;
};

}  // namespace garita::package
