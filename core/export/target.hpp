// What a format does with planes: which it takes, how many rows go into one file, and what it loses.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/digest.hpp"
#include "core/base/file.hpp"
#include "core/export/export.hpp"
#include "core/export/plane_file.hpp"
#include "core/package/reader.hpp"
#include "garita/v1/inspection.pb.h"

namespace garita::exporter {

// What a package says beside its pixels.
struct Source {
  v1::Inspection record;
  base::Digest root{};
  const std::vector<package::PlaneInfo>* planes = nullptr;  // all, raw ones too

  // nullptr: the record does not say, or does not show, what the view is.
  const v1::View* view(std::string_view name) const;
  // Of a plane of canonical transmission; nullptr for every other.
  const v1::View* transmission(const package::PlaneInfo& plane) const;
};

// Rows [first, first + rows) of a plane, which become file `number` of `count`.
struct Piece {
  const package::PlaneInfo& plane;
  uint64_t first_row = 0, rows = 0;
  uint64_t number = 0, count = 1;
};

class Target {
 public:
  virtual ~Target() = default;

  // Why the plane cannot be written, as the id of what is lost; empty where it can.
  virtual std::string obstacle(const package::PlaneInfo&) const { return {}; }
  virtual uint64_t rows_a_file(const package::PlaneInfo& plane) const { return plane.rows; }
  virtual base::Result<std::unique_ptr<PlaneFile>> create(const std::filesystem::path& path,
                                                          const Piece& piece) = 0;
  // What it loses of a package, beyond whole planes and parts.
  virtual void list_losses(std::vector<Lost>& lost);
};

std::unique_ptr<Target> npy_target(base::FileSystem& files);
std::unique_ptr<Target> png_target(const Source& source, base::FileSystem& files);
std::unique_ptr<Target> tiff_target(const Source& source, TiffPacking packing, base::FileSystem& files);
std::unique_ptr<Target> dx_target(const Source& source, bool is_dicos, base::FileSystem& files);

// What the UIDs of a plane's images come from; the same whatever else is exported.
std::string image_name_of(const Source& source, const package::PlaneInfo& plane);

}  // namespace garita::exporter
