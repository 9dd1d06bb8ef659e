// Do host, binary and manifest agree on a version, and does the binary say of itself what its manifest says?
#pragma once

#include <cstdint>

#include "core/base/result.hpp"
#include "core/load/manifest.hpp"
#include "garita/driver.h"

namespace garita::load {

// VERSION_MISMATCH where the manifest's range and this host's have nothing in common: found without loading
// code.
base::Result<void> ranges_meet(const Manifest& manifest);

// Calls the entry with the host's range, and with others that tell whether the binary's range is the
// manifest's; checks the answer and the table. abi: the version agreed on.
base::Result<const garita_driver_api*> negotiate(const Manifest& manifest, garita_driver_entry_function entry,
                                                 uint32_t& abi);

// Calls describe; every part must be the manifest's, lists in any order.
base::Result<void> compare_description(const Manifest& manifest, const garita_driver_api& api);

}  // namespace garita::load
