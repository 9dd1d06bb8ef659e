// The material curves of a site's devices: one small file a device under STATE/material, which goes into each
// of the device's later packages as it is, so that a picture of the package is coloured alike for ever.
//
//   {"schema": "garita.material/1", "driver": "org.garita.portal", "place": "serial/SP-0017",
//    "views": [{"view": "side", "wedge": "<root of the package that it was measured in>", "measured_utc_ns":
//    …,
//               "organic": [[attenuation, ratio, sigma], …], "light": […], "metal": […]}, …]}
//
// core/normalize/material_curves.hpp says what the numbers mean.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/file.hpp"
#include "core/base/result.hpp"
#include "core/host/open_package.hpp"
#include "core/normalize/material_curves.hpp"
#include "garita/v1/inspection.pb.h"

namespace garita::host {

// Of one view of a device.
struct StoredMaterials {
  std::string view;
  std::string wedge;  // root of the package that it was measured in, in hex
  int64_t measured_utc_ns = 0;
  normalize::MaterialCurves curves;
};

inline constexpr size_t max_stored_materials = 16;         // views of a device
inline constexpr uint64_t max_materials_bytes = 1u << 20;  // of the file, and of the attachment
inline constexpr std::string_view materials_name = "material-curves.json";  // of the attachment
// What the host says of itself: an attachment of a driver's that calls itself so is not taken.
inline constexpr std::string_view own_media_types = "application/vnd.garita.";
inline constexpr std::string_view materials_media_type = "application/vnd.garita.material+json";

// Any text is outside text. nullopt: not these curves.
std::optional<std::vector<StoredMaterials>> parse_materials(std::string_view text);

// A device is known by what SteelStore::place_of says of its record.
class MaterialStore {
 public:
  explicit MaterialStore(std::filesystem::path state, base::FileSystem& files = base::real_file_system())
      : folder_(std::move(state) / "material"), files_(files) {}

  // The file's text, which parse_materials reads; empty where the device was never calibrated, or is known by
  // nothing. host.material_file {path} where the file is not one of this device's.
  base::Result<std::string> load(const v1::Inspection& record) const;

  // Keeps the curves, in the place of older ones of their view; the file is whole at any time.
  // host.steel_no_device where the record does not say whose they are; host.steel_too_many {count}.
  base::Result<void> keep(const v1::Inspection& record, const StoredMaterials& materials) const;

 private:
  std::filesystem::path path_of(const v1::Inspection& record, const std::string& place) const;

  std::filesystem::path folder_;
  base::FileSystem& files_;
};

// The curves of a view that a package carries: those that its device had when it was sealed. Of a lane's
// package each device has its own. nullopt: none, or no such curves.
std::optional<StoredMaterials> materials_of(OpenPackage& package, const v1::View& view);

}  // namespace garita::host
