#include "drivers/leidos/events.hpp"

#include <algorithm>

namespace garita::leidos {
namespace {

// Turned where the nose is to the right of the picture.
bool is_turned(const Image& image) { return image.nose_left.has_value() && !*image.nose_left; }

}  // namespace

View view_of(const Sidecar& sidecar, const Image& image) {
  View view;
  view.name = image.backscatter ? "backscatter" : "side";
  view.columns = image.height;
  view.column_zero = GARITA_COLUMN_ZERO_TOP;
  view.row_zero = image.nose_left ? GARITA_ROW_ZERO_FRONT : GARITA_ROW_ZERO_UNKNOWN;
  view.source_side = sidecar.source_side;
  view.pitch_across_um = image.pitch_up_um;
  view.pitch_along_um = image.pitch_along_um;
  if (image.backscatter) {
    view.quantity = GARITA_QUANTITY_BACKSCATTER;
    view.fidelity = GARITA_FIDELITY_DISPLAY;
    if (image.bright_is_more)
      view.polarity = *image.bright_is_more ? GARITA_POLARITY_BRIGHT_MORE : GARITA_POLARITY_BRIGHT_LESS;
    return view;
  }
  const double steps = image.open - image.opaque;
  view.fidelity = GARITA_FIDELITY_TRANSMISSION;
  view.unit = GARITA_UNIT_TRANSMISSION;
  view.slope = 1 / steps;
  view.intercept = -image.opaque / steps;
  view.channels[0].nominal_energy_kev = sidecar.energy_kev;
  return view;
}

Detection detection_of(const Mark& mark, const std::vector<Image>& images) {
  Detection found{.vendor_code = mark.code, .label = mark.label, .confidence = mark.confidence};
  const auto is_its = [&](const Image& image) { return image.backscatter == mark.backscatter; };
  const auto image = std::find_if(images.begin(), images.end(), is_its);
  if (image == images.end() || mark.left >= image->width || mark.width > image->width - mark.left ||
      mark.top >= image->height || mark.height > image->height - mark.top)
    return found;
  found.view = static_cast<uint32_t>(image - images.begin());
  found.first_row = is_turned(*image) ? image->width - mark.left - mark.width : mark.left;
  found.rows = mark.width;
  found.first_column = mark.top;
  found.columns = mark.height;
  return found;
}

void copy_rows(const Picture& picture, const Image& image, uint64_t first, uint64_t rows,
               std::span<uint16_t> out) {
  const bool turned = is_turned(image);
  for (uint64_t top = 0; top < picture.height; top += 64) {  // in blocks that stay in the cache
    const uint64_t bottom = std::min<uint64_t>(picture.height, top + 64);
    for (uint64_t row = 0; row < rows; ++row) {
      const uint64_t x = turned ? picture.width - 1 - (first + row) : first + row;
      for (uint64_t y = top; y < bottom; ++y)
        out[row * picture.height + y] = picture.samples[y * picture.width + x];
    }
  }
}

}  // namespace garita::leidos
