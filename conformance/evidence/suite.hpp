// Which state of the kit this is.
#pragma once

namespace garita::conformance {

// The commit that the build folder was configured at, "3947c95…" or "" where the sources are no checkout. The
// digest of the rules program in the bundle says it exactly.
const char* suite_commit();

}  // namespace garita::conformance
