// What base/weaken.hpp asks in the programs of this folder.
#pragma once

#include <string>

namespace garita::base {

// Switches these defences off in this process, and all others on: "landlock,seccomp". A worker has it from its own name
// instead, "garita-worker,landlock,seccomp": it is told nothing else before it is in its box.
void weaken(const std::string& defences);

}  // namespace garita::base
