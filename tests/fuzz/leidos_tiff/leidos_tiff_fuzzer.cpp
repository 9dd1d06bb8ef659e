// A file -> a picture as large as it says, within the limits, or one sentence of class data.
#include <cstdlib>

#include "drivers/leidos/tiff.hpp"
#include "garita/error.hpp"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace garita::leidos;
  try {
    const Picture picture = read_tiff({reinterpret_cast<const std::byte*>(data), size});
    if (picture.samples.empty() || picture.samples.size() != uint64_t{picture.width} * picture.height)
      std::abort();
    if (picture.samples.size() > max_pixels || picture.width > max_width || picture.height > max_height)
      std::abort();
  } catch (const garita::Stop& stop) {
    if (!garita::is_data(stop.status) || stop.message.empty()) std::abort();
  }
  return 0;
}
