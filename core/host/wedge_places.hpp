// Where on a picture the known thicknesses of a wedge lie, as a table says it, and what the device saw there.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>

#include "core/base/result.hpp"
#include "core/host/open_package.hpp"
#include "core/normalize/steel_curve.hpp"

namespace garita::host {

// Where a step of known thickness lies in the canonical plane: rows from the leading end, columns from the
// top or left.
struct SteelPlace {
  double steel_mm = 0;  // along the ray; of whatever material
  uint64_t first_row = 0, rows = 0;
  uint32_t first_column = 0, columns = 0;
};

// "20,100,40,7,60": the five numbers of a place. nullopt: not that, or impossible.
std::optional<SteelPlace> place_of(std::string_view line);

// A table as a spreadsheet writes it: the heading, then a line for each place, which `take` reads and may
// refuse; blank lines and what follows a # are passed over. At most 64 KiB. Errors: host.steel_table {line};
// host.steel_table_empty.
base::Result<void> read_table(std::string_view text, std::string_view heading,
                              const std::function<bool(std::string_view line)>& take);

// The mean over a place of one plane, without dead pixels and lost lines. Errors: host.steel_outside
// {steel_mm}, normalize.steel_no_samples {steel_mm}, what reading answers.
base::Result<normalize::SteelStep> measured(OpenPackage& package, const v1::View& view,
                                            const v1::Channel& channel, const package::PlaneInfo& plane,
                                            const SteelPlace& place);

// The view's plane of that channel where it is canonical transmission of one slice; null: there is none. (It
// lives as long as the package.)
const package::PlaneInfo* canonical_plane(const OpenPackage& package, const v1::View& view,
                                          const v1::Channel& channel);

}  // namespace garita::host
