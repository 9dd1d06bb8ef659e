// A file -> events or a sentence; never both, never neither, and nothing beyond the record's limits.
#include <cstdlib>
#include <vector>

#include "drivers/n42/parse.hpp"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace garita::n42;
  const auto* first = reinterpret_cast<const std::byte*>(data);
  std::vector<std::byte> bytes(first, first + size);
  const Parsed parsed = parse(bytes);
  if (parsed.documents.empty() != (parsed.status != GARITA_OK)) std::abort();
  if (parsed.documents.empty() == parsed.problem.empty()) std::abort();
  for (const Document& document : parsed.documents) {
    if (document.readings.size() > 4096 || document.detections.size() > max_detections) std::abort();
    for (const garita::Reading& reading : document.readings)
      if (reading.values.size() > GARITA_MAX_READING_VALUES || reading.energy_kev.size() > 16) std::abort();
  }
  return 0;
}
