// Randomness for replays that are to be the same to the byte: whoever knows the key knows the bytes.
#pragma once

#include <cstdint>
#include <mutex>
#include <string_view>

#include "core/base/digest.hpp"
#include "core/base/random.hpp"

namespace garita::host {

// SHA-256(key ‖ counter), where key is of `secret` and `name`. The secret is the site's: salts made of it can be guessed by
// nobody else.
class DerivedRandom final : public base::Random {
 public:
  DerivedRandom(const base::Digest& secret, std::string_view name) {
    base::Sha256 hash;
    hash.update(secret);
    key_ = hash.update(name).finish();
  }

  base::Result<void> fill(std::span<uint8_t> out) override {
    const std::lock_guard lock(mutex_);
    for (uint8_t& byte : out) {
      if (used_ == block_.size()) {
        base::Sha256 hash;
        hash.update(key_);
        block_ = hash.update(std::to_string(counter_++)).finish();
        used_ = 0;
      }
      byte = block_[used_++];
    }
    return {};
  }

 private:
  std::mutex mutex_;
  base::Digest key_{}, block_{};
  size_t used_ = block_.size();
  uint64_t counter_ = 0;
};

}  // namespace garita::host
