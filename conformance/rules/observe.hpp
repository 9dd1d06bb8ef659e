// Looks at a driver's scans for people: pictures as delivered and as normalized, how long each event took,
// how much memory its worker held. Nothing is judged here.
#pragma once

#include <filesystem>
#include <vector>

#include "conformance/input/input.hpp"
#include "core/load/manifest.hpp"

namespace garita::conformance {

// Writes PNG files and observed.json into `folder`, which is there:
//
//   {"inputs":[{"title","fault","latency":[[at_ms,took_ms],…],"memory":[[at_ms,peak_mib],…],
//               "scans":[{"key","outcome","views":[{"name","rows","columns","delivered":"0-0-0.png","normalized":"…"
//               | ""}]}]}]}
//
// False: it could not be written.
bool observe(const load::Manifest& manifest, const std::vector<Input>& inputs,
             const std::filesystem::path& folder);

}  // namespace garita::conformance
