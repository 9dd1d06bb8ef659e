// The front of a file -> a shape whose bytes can be counted, or an error with an id; what was understood is
// understood again after it was written.
#include <cstdlib>

#include "core/export/npy.hpp"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace garita;
  const auto layout = exporter::parse_npy_header(base::Bytes(data, size), "fuzz.npy");
  if (!layout) {
    if (layout.error().id.empty()) std::abort();
    return 0;
  }
  const exporter::NpyHeader& header = layout->header;
  if (header.sample_bytes() == 0 || header.shape.empty() || header.shape.size() > 4) std::abort();
  if (header.data_bytes() < header.sample_bytes() || layout->data_offset > size) std::abort();
  const auto front = exporter::npy_front(header, "again.npy");
  if (!front) std::abort();
  const auto again = exporter::parse_npy_header(base::Bytes(*front), "again.npy");
  if (!again || again->header.shape != header.shape || again->header.sample_type != header.sample_type)
    std::abort();
  return 0;
}
