// A passage in the ABI's words: views, attributes, detections; and its pictures turned from the way a person
// looks at them to the way the record keeps them.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "drivers/leidos/sidecar.hpp"
#include "drivers/leidos/tiff.hpp"
#include "garita/events.hpp"

namespace garita::leidos {

View view_of(const Sidecar& sidecar, const Image& image);

// The code alone: what it means stands in the host's vocabulary. Its box in rows and columns as delivered;
// without a place where it does not lie in the picture, or that picture is not there.
Detection detection_of(const Mark& mark, const std::vector<Image>& images);

// Rows first … first + rows - 1 of the view: a line along the travel of the picture is a column of the
// record, and the end that leads is row 0.
void copy_rows(const Picture& picture, const Image& image, uint64_t first, uint64_t rows,
               std::span<uint16_t> out);

}  // namespace garita::leidos
