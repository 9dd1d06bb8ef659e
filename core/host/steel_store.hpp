// The steel curves of a site's devices: one small file a device under STATE/steel, read when a scan is
// sealed.
//
//   {"schema": "garita.steel/1", "driver": "org.garita.portal", "place": "serial/SP-0017",
//    "curves": [{"view": "side", "channel": "high", "wedge": "<root of the wedge's package>",
//    "measured_utc_ns": …,
//                "points": [[transmission, steel_mm, sigma_mm], …]}, …]}
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "core/base/file.hpp"
#include "core/base/result.hpp"
#include "core/normalize/steel_curve.hpp"
#include "garita/v1/inspection.pb.h"

namespace garita::host {

struct StoredCurve {
  std::string view, channel;  // as planes are named: "side", "high"
  std::string wedge;          // root of the package that it was measured in, in hex
  int64_t measured_utc_ns = 0;
  normalize::SteelCurve curve;
};

inline constexpr size_t max_stored_curves = 64;  // of a device: 16 views of up to 4 channels

class SteelStore {
 public:
  explicit SteelStore(std::filesystem::path state, base::FileSystem& files = base::real_file_system())
      : folder_(std::move(state) / "steel"), files_(files) {}

  // What a device is known by: its driver and serial number, else its driver, site and lane. nullopt: by
  // neither.
  static std::optional<std::string> place_of(const v1::Inspection& record);

  // Empty where the device was never calibrated, or is known by nothing. host.steel_file {path} where the
  // file is not one of ours or holds a curve that cannot be.
  base::Result<std::vector<StoredCurve>> load(const v1::Inspection& record) const;

  // Keeps the curve, in the place of an older one of its view and channel; the file is whole at any time.
  // host.steel_no_device where the record does not say whose it is; host.steel_too_many {count}.
  base::Result<void> keep(const v1::Inspection& record, const StoredCurve& curve) const;

 private:
  std::filesystem::path path_of(const v1::Inspection& record, const std::string& place) const;

  std::filesystem::path folder_;
  base::FileSystem& files_;
};

// Sets steel_curve of each channel of a canonical view that the curves name.
void set_steel(const std::vector<StoredCurve>& curves, v1::Inspection& record);

// The curve that a record carries (its points' deviation is not among them: 0). nullopt: none, or one that
// cannot be.
std::optional<normalize::SteelCurve> steel_of(const v1::Channel& channel);

}  // namespace garita::host
