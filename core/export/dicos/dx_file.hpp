// The head of a DX image in DICOM's or DICOS's form, through DCMTK. The pixels follow it as they are:
//
//   head            preamble, meta header, every element but the last, explicit little endian
//   E0 7F 10 00     (7FE0,0010)
//   "OW" 00 00      "OB" of 8-bit samples
//   u32             bytes of the samples, even
//   …               rows without gaps, little endian; a zero behind an odd number
#pragma once

#include <optional>
#include <string>

#include "core/base/result.hpp"
#include "core/export/dicos/dx.hpp"

namespace garita::exporter::dicos {

// Errors: export.dicos_refused {tag, reason}: DCMTK does not take a value, or a required one is empty.
base::Result<std::string> dx_head(const Image& image);

// One of the exported symbols of the library (dicos/tdr_file.hpp).
using DxFunction = void (*)(const Image& image, std::optional<base::Result<std::string>>& out);
inline constexpr const char* dx_symbol = "garita_dx_head";

}  // namespace garita::exporter::dicos
