// One act that a box did not carry out: what a driver tried, in words that a person can read, and what it
// got.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>

namespace garita::isolate {

// What it would have been. NET, EXEC, PTRACE, WRITE, READ and KERNEL are breaches, but for what the policy
// publishes.
enum class AttemptClass : uint8_t { net, exec, ptrace, write, read, kernel };

// granted: a file of the driver's own package was handed in. noted: refused as the policy says, and no
// breach. decoy: a socket that leads nowhere, so that the next call says where it was to go; a breach.
// refused: a breach.
enum class Decision : uint8_t { granted, noted, decoy, refused };

struct Attempt {
  uint64_t monotonic_ns = 0;
  int64_t utc_ns = 0;
  pid_t thread = 0;  // as the host sees it
  AttemptClass kind = AttemptClass::kernel;
  Decision decision = Decision::refused;
  std::string call;    // "connect"; "call 501"; "32-bit call 11"
  std::string target;  // "203.0.113.9:443 (TCP)", "/etc/passwd"; outside text

  bool breach() const { return decision == Decision::refused || decision == Decision::decoy; }
};

const char* name_of(AttemptClass kind);  // "NET"
const char* name_of(Decision decision);  // "refused"

// Whoever keeps the evidence. Calls come from the supervisor's thread, one at a time for one box.
class AttemptSink {
 public:
  virtual ~AttemptSink() = default;
  virtual void attempted(const Attempt& attempt) = 0;
  virtual void suppressed(uint64_t /*count*/) {}  // beyond what is kept of one box; in all, so far
};

}  // namespace garita::isolate
