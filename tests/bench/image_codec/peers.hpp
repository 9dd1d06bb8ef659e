// The codecs side by side: each takes a plane and gives bytes, and takes them back.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "tests/bench/image_codec/planes.hpp"

namespace garita::bench {

class PlaneCodec {
 public:
  virtual ~PlaneCodec() = default;
  virtual size_t encode(const Plane& plane) = 0;  // keeps the code; returns its size, 0 on failure
  virtual bool decode(Plane& plane) = 0;          // what was encoded last; dimensions are set before
};

std::unique_ptr<PlaneCodec> make_ours();     // codec 2, tile by tile, one thread
std::unique_ptr<PlaneCodec> make_charls();   // JPEG-LS, lossless
std::unique_ptr<PlaneCodec> make_openjph();  // HTJ2K, reversible, 5 levels
std::unique_ptr<PlaneCodec> make_jxl();      // modular lossless, effort 1
std::unique_ptr<PlaneCodec> make_blosc();    // bitshuffle and zstd 1

}  // namespace garita::bench
