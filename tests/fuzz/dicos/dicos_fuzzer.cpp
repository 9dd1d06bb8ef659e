// Bytes of a file -> values and pixels. A refusal is a Stop of the data class; anything else that gets out is a bug.
#include <algorithm>
#include <cstdlib>
#include <vector>

#include "drivers/dicos/decode.hpp"
#include "garita/error.hpp"

namespace {

constexpr uint64_t most_bytes = 4 << 20;  // of pixels a run, so that a run is short

void read_all(garita::dicos::File& file) {
  const garita::View& view = file.content().views[0];
  const uint64_t row_bytes = uint64_t{view.columns} * garita::sample_size_bytes(view.sample_type);
  if (row_bytes * view.rows > most_bytes) return;
  std::vector<std::byte> frame(row_bytes * view.rows);
  const uint64_t slices = std::min<uint64_t>(view.slices, 1 + most_bytes / (frame.size() + 1));
  for (uint32_t slice = 0; slice < slices; ++slice) file.read_rows(slice, 0, view.rows, frame);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  try {
    garita::dicos::File file(std::as_bytes(std::span(data, size)));
    if (!file.content().views.empty()) read_all(file);
  } catch (const garita::Stop& stop) {
    if (!garita::is_data(stop.status) || stop.message.empty()) std::abort();
  }
  return 0;
}
