// One DX image (digital X-ray) of DICOM or of DICOS V03 as plain values, but for its pixels: what
// dx_image.cpp takes from a record and dx_file.cpp writes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/export/dicos/origin.hpp"

namespace garita::exporter::dicos {

inline constexpr const char* dx_class = "1.2.840.10008.5.1.4.1.1.501.2.2";               // for processing
inline constexpr const char* dx_presentation_class = "1.2.840.10008.5.1.4.1.1.501.2.1";  // of DICOS
inline constexpr const char* dicom_dx_class = "1.2.840.10008.5.1.4.1.1.1.1.1";
inline constexpr const char* dicom_dx_presentation_class = "1.2.840.10008.5.1.4.1.1.1.1";

// Our own elements of an image, which others pass over:
//
//   (4011,0010) LO  "GARITA PLANE 1"   who these are
//   (4011,1001) UT  the view           (4011,1002) UT  the channel
//   (4011,1003) UT  the fidelity       (4011,1004) UT  the package's root hash
//   (4011,1005) UL  transmission: stored = offset + scale * t: the offset, then the scale; or absent
//   (4011,1006) UL  the plane's row that is row 0 here, and the plane's rows
inline constexpr const char* plane_creator = "GARITA PLANE 1";

// stored = offset + scale * transmission
struct Transmission {
  uint32_t offset = 0, scale = 0;
};

struct Image : Origin {
  bool is_dicos = false;
  bool for_presentation = false;
  std::string image_type;  // (0008,0008)
  uint16_t rows = 0, columns = 0, bits = 16;
  uint32_t first_row = 0, plane_rows = 0;

  std::string intensity;                    // (0028,1040) LIN or LOG
  int16_t sign = 1;                         // (0028,1041)
  std::string window_centre, window_width;  // of what is for presentation
  std::optional<Transmission> transmission;

  std::string pixel_mm;             // DS, "along\across": rows first; empty: unknown
  std::string towards;              // (0020,0020)
  std::string position, direction;  // (0020,0032), (0020,0037)
  std::string kvp, current_ua;      // DS; empty: unknown
  uint32_t series_number = 1;
  std::string study_description, series_description;

  uint16_t view_number = 1, views = 1, energy_number = 1, energies = 1;  // (6100,….)
  std::string view, channel, fidelity, package;                          // our elements
};

}  // namespace garita::exporter::dicos
