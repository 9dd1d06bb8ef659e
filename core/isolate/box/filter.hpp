// The table of calls as a program for the kernel (classic BPF), made by hand so that nothing but the table
// decides.
//
//   architecture is not x86-64         -> to the supervisor (32-bit calls)
//   number has the x32 bit             -> to the supervisor
//   a row of the table that is met     -> allowed, or its errno
//   all else                           -> to the supervisor
#pragma once

#include <linux/filter.h>

#include <cstdint>
#include <vector>

namespace garita::isolate {

// self: the id of the process that will be filtered, as it knows it. sockets: the driver has granted connects.
std::vector<sock_filter> compile_filter(uint32_t self, bool sockets = false);

}  // namespace garita::isolate
