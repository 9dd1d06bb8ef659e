// Material curves as a package may carry them, and tables of places as people write them: any bytes are
// refused or give curves that tell something of every pair of transmissions.
#include <cstdlib>

#include "core/host/material_calibration.hpp"

using namespace garita;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  (void)host::parse_material_table(text);
  const auto stored = host::parse_materials(text);
  if (!stored) return 0;
  for (const host::StoredMaterials& each : *stored)
    for (const double high : {-1.0, 0.0, 0.003, 0.2, 0.9, 1.0, 4.0})
      for (const double low : {-1.0, 0.0, 0.003, 0.2, 0.9, 1.0, 4.0}) {
        const normalize::Told told = each.curves.tell(high, low);
        if (!(told.place >= -0.5 && told.place <= 2.5)) std::abort();
      }
  return 0;
}
