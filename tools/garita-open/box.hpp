// The box of garita-open: entered once everything that needs the system is set up, and before the first byte
// of the package is read. Afterwards the process can read the descriptors that it has, write to its pipe, ask
// for memory, and end.
#pragma once

namespace garita::opener {

// "": shut in. Else what the system did not do; the process must end then.
const char* enter_box();

}  // namespace garita::opener
