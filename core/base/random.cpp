#include "core/base/random.hpp"

#include <openssl/rand.h>

#include <algorithm>

#include "core/base/digest.hpp"

namespace garita::base {

Result<void> SystemRandom::fill(std::span<uint8_t> out) {
  while (!out.empty()) {
    const size_t part = std::min<size_t>(out.size(), 1 << 20);  // RAND_bytes counts in int
    if (RAND_bytes(out.data(), static_cast<int>(part)) != 1)
      return Error{Outcome::not_loaded, "base.random_failed", {}, 0};
    out = out.subspan(part);
  }
  return {};
}

Random& system_random() {
  static SystemRandom random;
  return random;
}

Result<void> SeededRandom::fill(std::span<uint8_t> out) {
  const std::lock_guard lock(mutex_);
  for (uint8_t& byte : out) {
    if (used_bytes_ == block_.size()) {
      std::array<uint8_t, 16> input;  // both little endian
      for (size_t i = 0; i < 8; ++i) {
        input[i] = static_cast<uint8_t>(seed_ >> (8 * i));
        input[8 + i] = static_cast<uint8_t>(counter_ >> (8 * i));
      }
      block_ = sha256(input);
      ++counter_, used_bytes_ = 0;
    }
    byte = block_[used_bytes_++];
  }
  return {};
}

}  // namespace garita::base
