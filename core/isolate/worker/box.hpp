// Shuts the worker in. Called after exec and before the first byte of a vendor's code runs, constructors
// included, while the process has one thread. Nothing can be opened afterwards but through the supervisor.
#pragma once

namespace garita::isolate {

// Takes the order from the host (wire/box.hpp), does what it says, and reports; ends the process where a step
// fails. All descriptors above 2 are closed then: what the worker needs must be mapped.
void enter_box();

}  // namespace garita::isolate
