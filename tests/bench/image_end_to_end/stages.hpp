// Where the time of an end-to-end scan goes: each stage alone, on the same pixels, by the time that its
// thread had.
#pragma once

#include <cstdint>
#include <vector>

#include "core/codec/codec.hpp"
#include "tests/bench/image_end_to_end/source.hpp"

namespace garita::bench {

// A canonical tile of the source.
struct Sample {
  codec::Shape shape;
  std::vector<uint16_t> pixels;
};

// The first so many.
std::vector<Sample> canonical_tiles(const Source& source, size_t most);

// Prints a row for each stage. Returns the program's exit code.
int print_stages(const Source& source, unsigned rounds);

}  // namespace garita::bench
