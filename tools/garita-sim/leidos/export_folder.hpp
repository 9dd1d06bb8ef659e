// Files come into the folder as they do from such machines: slowly, in parts, in any order; a TIFF under its
// own name with a header that is only written at the end, a photograph under another name until it is whole,
// the sidecar last of all.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "tools/garita-sim/leidos/sidecar_text.hpp"

namespace garita::sim::leidos {

class ExportFolder {
 public:
  // part_ms: pause between two parts of a file.
  ExportFolder(std::filesystem::path folder, uint32_t part_ms)
      : folder_(std::move(folder)), part_ms_(part_ms) {}

  // Errors: sim.cannot_export {path, reason}.
  base::Result<void> create() const;
  base::Result<void> in_parts(const std::string& name, const std::string& bytes) const;
  base::Result<void> header_last(const std::string& name, const std::string& bytes) const;
  base::Result<void> renamed_in(const std::string& name, const std::string& bytes) const;

 private:
  std::filesystem::path folder_;
  uint32_t part_ms_;
};

}  // namespace garita::sim::leidos
