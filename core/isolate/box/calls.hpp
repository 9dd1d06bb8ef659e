// The one table of system calls that a boxed driver may make. What is not in it, or does not meet its
// condition, is never carried out: it goes to the supervisor, which answers it by itself.
#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace garita::isolate {

// A condition on one argument. Low: only the lower 32 bits count, as the kernel reads an int.
struct Condition {
  enum class Test : uint8_t { none, equals, lacks, lacks_all_of, equals_self };
  uint8_t argument = 0;
  Test test = Test::none;
  bool low = true;
  uint64_t value = 0;
  // equals: argument == value            lacks: (argument & value) == 0, no bit of it
  // lacks_all_of: (argument & value) != value        equals_self: argument == the process's own id
};

struct Call {
  uint32_t number;
  const char* name;
  int answer = 0;  // 0: allowed; else it fails with this errno, without a word to anybody
  Condition first{}, second{};
};

// At most 60 are allowed. Sorted by how often drivers make them.
std::span<const Call> allowed_calls();

// Beside those, for a driver whose manifest has granted connects: all its sockets are ends of pairs that its host holds.
std::span<const Call> socket_calls();

// The tables as text, a line a call: what a policy's digest is made of.
std::string calls_text();

}  // namespace garita::isolate
