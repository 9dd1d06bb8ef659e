// What the kernel's calls are called, for evidence that people read.
#pragma once

#include <cstdint>

namespace garita::isolate {

// nullptr: a number that has no name here.
const char* call_name(uint32_t number);

}  // namespace garita::isolate
