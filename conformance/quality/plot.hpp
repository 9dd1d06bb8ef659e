// Curves with their bands of U, as SVG for pages and as PNG for what shows nothing else; and the picture of
// where things were measured.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "conformance/quality/measure.hpp"
#include "core/base/text.hpp"
#include "core/picture/png.hpp"

namespace garita::quality {

struct Plot {
  std::string name;  // of the file, without ending: "mtf_x"
  std::string title, x_label, y_label;
  std::vector<double> x, y, u;                     // equally long
  std::optional<double> threshold = std::nullopt;  // a level line
  bool log_y = false;                              // values below 0.1 lie at 0.1 then
};

// MTF of each edge, NPS of each axis, BSNR of the steps.
std::vector<Plot> plots_of(const Measured& measured, base::Language language);

std::string svg_of(const Plot& plot);
// Numbers at the axes alone; which plot it is stands in its tEXt chunk Title.
picture::PngImage png_of(const Plot& plot);

// The image with the regions outlined, at most 1600 pixels long, brightness over the logarithm of signal:
// green open field, red edges, blue steps, yellow materials, cyan wires, magenta rectangle, orange marker.
picture::PngImage regions_picture(const Image& image, const std::vector<Region>& regions);

}  // namespace garita::quality
