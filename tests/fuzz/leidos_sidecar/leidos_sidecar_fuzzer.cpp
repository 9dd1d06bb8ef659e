// A sidecar -> values within the limits, or one sentence of class data. Nothing that could be a path gets
// through.
#include <cstdlib>
#include <vector>

#include "drivers/leidos/events.hpp"
#include "drivers/leidos/sidecar.hpp"
#include "garita/error.hpp"

namespace {

void check(const garita::leidos::Named& file) {
  if (file.name.empty() || file.name.front() == '.' || file.name.find_first_of("/\\") != std::string::npos)
    std::abort();
  if (!file.sha256.empty() && file.sha256.size() != 32) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace garita::leidos;
  const auto* first = reinterpret_cast<const std::byte*>(data);
  std::vector<std::byte> bytes(first, first + size);
  try {
    const Sidecar sidecar = read_sidecar(bytes);
    if (sidecar.images.empty() || sidecar.images[0].backscatter || sidecar.id.empty()) std::abort();
    if (sidecar.attributes.size() > GARITA_MAX_ATTRIBUTES || sidecar.marks.size() > max_marks) std::abort();
    for (const Image& image : sidecar.images) {
      check(image.file);
      if (view_of(sidecar, image).slope == 0) std::abort();
    }
    for (const Named& file : sidecar.plate_photos) check(file);
    for (const Mark& mark : sidecar.marks) (void)detection_of(mark, sidecar.images);
  } catch (const garita::Stop& stop) {
    if (!garita::is_data(stop.status) || stop.message.empty()) std::abort();
  }
  return 0;
}
