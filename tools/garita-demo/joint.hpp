// ./dev demo --joint: two countries on one machine. A lorry is scanned on one side; the other has the scan,
// verified and as policy lets it go, before the lorry is there, over a line that breaks on the way and that
// somebody listens in on.
#pragma once

#include "core/base/text.hpp"
#include "tools/garita-demo/fleet.hpp"

namespace garita::demo {

// Exit code.
int run_joint(const Folders& folders, base::Language language);

}  // namespace garita::demo
