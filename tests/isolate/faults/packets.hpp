// Does a packet leave a box? The table runs in a network namespace of its own, in which every address leads out through the
// one interface: whatever a driver could send would be counted there, and nothing else on the machine is.
#pragma once

#include <cstdint>
#include <string>

namespace garita::isolate::faults {

// Before any thread is started. "": this process and its children are in it; else why not.
std::string enter_counted_network();

// All that this network namespace has sent so far: frames of every interface, and what its protocols say of themselves.
uint64_t packets_sent();

}  // namespace garita::isolate::faults
