// SHA-256 through OpenSSL.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/bytes.hpp"

struct evp_md_ctx_st;

namespace garita::base {

using Digest = std::array<uint8_t, 32>;

// One hash at a time, used again and again: finish() starts the next. One thread at a time.
class Sha256 {
 public:
  Sha256();
  Sha256(Sha256&&) noexcept = default;
  Sha256& operator=(Sha256&&) noexcept = default;
  ~Sha256();

  Sha256& update(Bytes bytes);
  Digest finish();  // the hash of everything since the last finish()
  void reset();     // forgets what update() took

 private:
  struct Free {
    void operator()(evp_md_ctx_st* context) const;
  };
  std::unique_ptr<evp_md_ctx_st, Free> context_;
};

Digest sha256(Bytes bytes);  // any thread; keeps a context for each thread

std::string to_text(const Digest& digest);                  // 64 hex digits, lower case
std::optional<Digest> parse_digest(std::string_view text);  // 64 hex digits, either case

}  // namespace garita::base
