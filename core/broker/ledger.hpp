// What went over one stream in one direction: a count and a SHA-256 that can be asked at any moment.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>

struct evp_md_ctx_st;

namespace garita::broker {

class Ledger {
 public:
  Ledger();

  void add(std::span<const std::byte> bytes);

  struct Sum {
    uint64_t bytes = 0;
    std::array<uint8_t, 32> sha256{};
  };
  Sum sum() const;  // so far; the hash goes on. Thread: any

 private:
  struct Free {
    void operator()(evp_md_ctx_st* context) const;
  };
  mutable std::mutex mutex_;
  uint64_t bytes_ = 0;
  std::unique_ptr<evp_md_ctx_st, Free> running_;
};

}  // namespace garita::broker
