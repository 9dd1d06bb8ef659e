// From a call's number and arguments to what it would have done. Everything read here lies in a driver's
// memory: outside data, of which no byte decides anything but the words of a record, and which file of its
// own a driver gets.
#pragma once

#include <linux/seccomp.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "core/isolate/box/attempt.hpp"

namespace garita::isolate {

// The memory of the process that made the call.
class TargetMemory {
 public:
  virtual ~TargetMemory() = default;
  // How much of `out` could be read from `address` on.
  virtual size_t read(uint64_t address, std::span<std::byte> out) const = 0;
};

inline constexpr size_t max_decoded_path = 4096;
inline constexpr size_t max_target_bytes = 512;

struct Decoded {
  AttemptClass kind = AttemptClass::kernel;
  std::string call, target;
  bool opens = false;     // a path for reading, that a descriptor may answer
  bool opening = false;   // opens a path, for whatever purpose
  bool looks = false;     // asks about a path
  std::string path;       // of these, absolute and without "." and ".."; empty: it could not be read
  uint64_t stat_out = 0;  // where stat's answer would go; 0: it is another call
  uint64_t statx_out = 0;
  int descriptor = -1;  // of connect() and the like: the socket
  int socket_family = 0;
  uint64_t value_out = 0, value_size_out = 0;  // of getsockopt and the like: where the answer and its size would go
  int socket_type = 0;  // of socket(): what a decoy must be; 0: it is another call
};

Decoded decode_call(const seccomp_data& call, const TargetMemory& memory);

}  // namespace garita::isolate
