// Pictures of an open package: its planes, masks and geometry handed to `picture`.
#pragma once

#include <cstdint>
#include <string>

#include "core/base/result.hpp"
#include "core/base/text.hpp"
#include "core/host/open_package.hpp"
#include "core/picture/picture.hpp"

namespace garita::host {

struct RenderRequest {
  enum class Style { automatic, grey, dual } style = Style::automatic;  // automatic: dual where two energies are there
  uint32_t max_length = 2048;
  bool furniture = true;
  bool steel = false;  // the legend in mm of steel, from the channel's own curve; grey
  base::Language language = base::Language::en;
};

// "side" of a package with a container: caption "CSQU3054383 · side · 2026-03-01T12:00:00Z".
// view: index into record.views. Planes that are not canonical transmission are shown linearly between their extremes.
// Errors: host.no_plane {view}; host.no_steel {view} where no curve is there; picture.no_low_channel for dual without a low-energy plane; what reading gives.
base::Result<picture::PngImage> render_view(OpenPackage& package, int view, const RenderRequest& request);

}  // namespace garita::host
