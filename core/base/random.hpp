// Randomness behind a small interface, so that `--deterministic` and tests repeat to the byte.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <span>

#include "core/base/result.hpp"

namespace garita::base {

// From any thread.
class Random {
 public:
  virtual ~Random() = default;
  virtual Result<void> fill(
      std::span<uint8_t> out) = 0;  // "base.random_failed" where the system has none to give
};

// OpenSSL's generator: good for salts, ids and keys.
class SystemRandom final : public Random {
 public:
  Result<void> fill(std::span<uint8_t> out) override;
};

Random& system_random();

// SHA-256(seed ‖ counter), the same on every machine. Whoever knows the seed knows the bytes: never for a
// key.
class SeededRandom final : public Random {
 public:
  explicit SeededRandom(uint64_t seed) : seed_(seed) {}
  Result<void> fill(std::span<uint8_t> out) override;

 private:
  std::mutex mutex_;
  const uint64_t seed_;
  uint64_t counter_ = 0;
  std::array<uint8_t, 32> block_{};
  size_t used_bytes_ = 32;
};

}  // namespace garita::base
