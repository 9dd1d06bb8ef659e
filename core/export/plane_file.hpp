// A file that rows of a plane go into, in somebody else's format.
#pragma once

#include <cstddef>
#include <span>

#include "core/base/result.hpp"

namespace garita::exporter {

// It appears under its name when finish() found it whole; destroyed before, it leaves nothing. One thread at
// a time.
class PlaneFile {
 public:
  virtual ~PlaneFile() = default;

  // The next whole rows, any number, as the package has them: little-endian, without gaps.
  virtual base::Result<void> rows(std::span<const std::byte> samples) = 0;
  virtual base::Result<void> finish() = 0;
};

}  // namespace garita::exporter
