// A file -> an image as large as it says, no larger than the file can hold, or an error with an id.
#include <cstdlib>

#include "conformance/quality/image.hpp"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace garita;
  const auto image = quality::parse_tiff(base::Bytes(data, size), "fuzz.tif");
  if (!image) {
    if (image.error().id.empty()) std::abort();
    return 0;
  }
  if (image->samples.empty() || image->samples.size() != uint64_t{image->rows} * image->columns) std::abort();
  if (image->samples.size() > quality::max_pixels) std::abort();
  return 0;
}
