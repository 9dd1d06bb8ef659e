// Small files as baggage scanners and radiation portals export them: for the demo where no real ones are at hand.
#pragma once

#include <filesystem>

#include "core/base/result.hpp"

namespace garita::demo {

// A DICOS DX image of a suitcase and the threat report that belongs to it.
base::Result<void> write_dicos_samples(const std::filesystem::path& folder);

// One N42-2012 file of a portal that a lorry with Cs-137 drove through.
base::Result<void> write_n42_samples(const std::filesystem::path& folder);

}  // namespace garita::demo
