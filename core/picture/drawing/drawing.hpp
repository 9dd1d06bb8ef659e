// What pictures are drawn with OpenCV: a library of its own, loaded with the first picture, so that commands that draw
// none start without it (OpenCV and what it brings are half of a start). decisions/0016 says what that saves.
#pragma once

#include <optional>

#include "core/picture/picture.hpp"

namespace garita::picture {

// As render() of picture.hpp. Programs call that; this is for the library itself and for its tests.
base::Result<PngImage> draw(const View& view, const Request& request);

// The one exported symbol. Both ends come from one build: the types may be C++.
using DrawFunction = void (*)(const View& view, const Request& request, std::optional<base::Result<PngImage>>& out);
inline constexpr const char* draw_symbol = "garita_draw";
inline constexpr const char* drawing_library = "garita_drawing.so";  // in <prefix>/lib/garita

}  // namespace garita::picture
