// A scan of known materials becomes the material curves of the device that made it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"
#include "core/host/material_store.hpp"
#include "core/host/open_package.hpp"
#include "core/host/wedge_places.hpp"

namespace garita::host {

struct MaterialPlace {
  normalize::Material material = normalize::Material::organic;
  SteelPlace place;  // its thickness is that material's
};

// A line `material,thickness_mm,first_row,rows,first_column,columns`, then one for each place: organic, light
// or metal, and five numbers. At most normalize::max_ratio_points of a material. Errors: host.material_table
// {line}; host.steel_table_empty.
base::Result<std::vector<MaterialPlace>> parse_material_table(std::string_view text);

// Measures each place in the high and the low channel of the view. Dead pixels and lost lines, as the record
// marks them, are left out. Nothing is kept: MaterialStore::keep does that. Errors: host.steel_no_view
// {view}, host.material_one_energy {view}, host.steel_outside {steel_mm}, what reading and
// MaterialCurves::fit answer.
base::Result<StoredMaterials> calibrate_materials(OpenPackage& package, const std::string& view,
                                                  const std::vector<MaterialPlace>& places);

}  // namespace garita::host
