// libpng reports errors by longjmp. Here is the one place that catches it.
//
// What runs inside guarded() must own nothing: a longjmp runs no destructors. Errors of ours travel in
// `failure`, set before png_error; libpng's own arrive there as text.
#pragma once

#include <png.h>

#include <csetjmp>
#include <string>

namespace garita::picture {

struct PngFailure {
  std::string reason;
};

[[noreturn]] inline void on_png_error(png_structp png, png_const_charp message) {
  {
    auto* failure = static_cast<PngFailure*>(png_get_error_ptr(png));
    if (failure->reason.empty()) failure->reason = message;
  }
  png_longjmp(png, 1);
}

inline void on_png_warning(png_structp, png_const_charp) {}

// False where libpng gave up.
template <typename Body>
bool guarded(png_structp png, const Body& body) {
  if (setjmp(png_jmpbuf(png))) return false;
  body();
  return true;
}

}  // namespace garita::picture
