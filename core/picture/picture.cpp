#include "core/picture/picture.hpp"

#define BOOST_DLL_USE_STD_FS
#include <boost/dll/shared_library.hpp>
#include <filesystem>

#include "core/picture/drawing/drawing.hpp"
#include "garita/status.h"

namespace garita::picture {
namespace {

using base::Error;
using base::Outcome;

// Stays loaded: OpenCV's threads and statics do not like to go.
struct Drawing {
  boost::dll::shared_library library;
  DrawFunction draw = nullptr;
  std::string path, reason;
};

Drawing load() {
  Drawing drawing;
  std::error_code error;
  const auto program = std::filesystem::read_symlink("/proc/self/exe", error);
  const auto path = program.parent_path().parent_path() / "lib/garita" / drawing_library;
  drawing.path = path.string();
  drawing.library.load(path, error, boost::dll::load_mode::rtld_now | boost::dll::load_mode::rtld_local);
  if (error) {
    drawing.reason = error.message();
  } else if (drawing.library.has(draw_symbol)) {
    drawing.draw = reinterpret_cast<DrawFunction>(drawing.library.get<void()>(draw_symbol));
  } else {
    drawing.reason = draw_symbol;
  }
  return drawing;
}

}  // namespace

base::Result<PngImage> render(const View& view, const Request& request) {
  static const Drawing& drawing = *new Drawing(load());
  if (!drawing.draw)
    return Error{Outcome::not_loaded,
                 "picture.no_drawing",
                 {{"path", drawing.path}, {"reason", drawing.reason}},
                 GARITA_NOT_SUPPORTED};
  std::optional<base::Result<PngImage>> result;
  drawing.draw(view, request, result);
  return std::move(*result);
}

}  // namespace garita::picture
