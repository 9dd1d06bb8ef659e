// Pictures of an open package: its planes, masks and geometry handed to `picture`.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/base/result.hpp"
#include "core/base/text.hpp"
#include "core/host/open_package.hpp"
#include "core/picture/picture.hpp"

namespace garita::host {

struct RenderRequest {
  // automatic: dual where two energies are there, and not as an overview of one in 16 alone
  enum class Style { automatic, grey, pseudo, dual } style = Style::automatic;
  picture::Window window;  // of planes that are not transmission: linear, 0 … 1 between their extremes
  std::optional<picture::Region> region;
  uint32_t max_length = 2048;
  bool furniture = true;
  std::optional<std::string> caption;  // else caption_of()
  bool steel = false;  // the legend in mm of steel, from the channel's own curve; never dual
  bool material = false;  // dual by the device's own material curves, which the package carries; before style and steel
  base::Language language = base::Language::en;
};

// Of the view "side" of a container: "CSQU3054383  side  2026-03-01T12:00:00Z".
std::string caption_of(const v1::Inspection& record, const std::string& view);

// view: index into record.views. Planes that are not canonical transmission are shown linearly between their
// extremes. Errors: host.no_plane {view}; host.no_steel {view}, host.no_material {view} where no curve is there; picture.no_low_channel
// for dual without a low-energy plane; picture.region_outside; what reading gives.
base::Result<picture::PngImage> render_view(OpenPackage& package, int view, const RenderRequest& request);

}  // namespace garita::host
