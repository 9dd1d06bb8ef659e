// The exported symbol of the drawing library.
#include "core/picture/drawing/drawing.hpp"

extern "C" __attribute__((visibility("default"))) void garita_draw(
    const garita::picture::View& view, const garita::picture::Request& request,
    std::optional<garita::base::Result<garita::picture::PngImage>>& out) {
  out = garita::picture::draw(view, request);
}
