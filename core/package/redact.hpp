// A copy of a package that withholds some of it and still verifies against the original signature.
#pragma once

#include <filesystem>
#include <functional>

#include "core/base/file.hpp"
#include "core/base/result.hpp"
#include "core/package/reader.hpp"

namespace garita::package {

enum class Keep {
  all,
  name,     // a field's name, a part's head: what it was, not what it says
  nothing,  // the hash alone
};

struct RedactPolicy {
  // Called once for each; a function that is not set keeps nothing. Overviews go with their plane, unless
  // they are asked about by themselves: then a plane whose overviews go must keep its name at least.
  std::function<Keep(std::string_view path)> field;
  std::function<Keep(const PlaneInfo&)> plane;
  std::function<Keep(const PlaneInfo&)> overview;
  std::function<Keep(const CalibrationInfo&)> calibration;
  std::function<Keep(const AttachmentInfo&)> attachment;
};

// `in` must be sealed; it is checked as it is read. Checkpoints are left out. What `in` withholds stays
// withheld.
base::Result<void> redact(const std::filesystem::path& in, const std::filesystem::path& out,
                          const RedactPolicy& policy, base::FileSystem& files = base::real_file_system());

}  // namespace garita::package
