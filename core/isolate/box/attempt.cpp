#include "core/isolate/box/attempt.hpp"

namespace garita::isolate {

const char* name_of(AttemptClass kind) {
  static constexpr const char* names[] = {"NET", "EXEC", "PTRACE", "WRITE", "READ", "KERNEL"};
  return names[static_cast<size_t>(kind)];
}

const char* name_of(Decision decision) {
  static constexpr const char* names[] = {"granted", "noted", "decoy", "refused"};
  return names[static_cast<size_t>(decision)];
}

}  // namespace garita::isolate
