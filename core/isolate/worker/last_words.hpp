// What is left for the vendor when a driver's process dies by a signal: where it was, written into shared memory by a handler
// that needs no lock, no memory and no call that a box refuses.
#pragma once

#include "core/isolate/wire/trace.hpp"

namespace garita::isolate {

// Before the first byte of a vendor's code, on the thread that calls it. `trace` lives as long as the process. A driver that
// sets handlers of its own takes these away: then the signal alone is known.
void leave_last_words_in(Trace& trace);

// Where the loaded libraries lie: after loading, since a handler should not walk lists that may be broken.
void note_modules(Trace& trace);

}  // namespace garita::isolate
