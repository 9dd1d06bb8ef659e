// Any bytes as a manifest: read or refused, and what was read keeps its promises.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "core/base/text.hpp"
#include "core/load/manifest.hpp"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size_bytes) {
  using namespace garita;
  const base::Result<load::Manifest> manifest =
      load::parse_manifest({reinterpret_cast<const char*>(data), size_bytes}, "fuzz");
  if (!manifest) {
    if (base::render(manifest.error(), base::Language::en).empty()) std::abort();
    return 0;
  }
  if (manifest->driver.path.find("..") == 0 || manifest->driver.path[0] == '/') std::abort();
  if (manifest->models.empty() || manifest->abi_min > manifest->abi_max) std::abort();
  return 0;
}
