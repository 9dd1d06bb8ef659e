// Numbers as the file has them, little-endian, one after the other.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/bytes.hpp"

namespace garita::package {

// Appends to a vector of bytes.
class Put {
 public:
  explicit Put(std::vector<std::byte>& out) : out_(out) {}

  template <std::integral T>
  Put& number(T value) {
    const auto bits = static_cast<uint64_t>(value);
    for (size_t i = 0; i < sizeof(T); ++i) out_.push_back(static_cast<std::byte>(bits >> (8 * i)));
    return *this;
  }
  Put& bytes(base::Bytes value) {
    out_.insert(out_.end(), value.begin(), value.end());
    return *this;
  }

 private:
  std::vector<std::byte>& out_;
};

// Takes from a view of bytes. What lies beyond the end reads as zero and makes ok() false, for good.
class Take {
 public:
  explicit Take(base::Bytes in) : in_(in) {}

  template <std::integral T>
  T number() {
    if (in_.size() - at_ < sizeof(T)) return fail(), T{};
    uint64_t bits = 0;
    for (size_t i = 0; i < sizeof(T); ++i) bits |= std::to_integer<uint64_t>(in_[at_ + i]) << (8 * i);
    at_ += sizeof(T);
    return static_cast<T>(bits);
  }
  base::Bytes bytes(uint64_t size) {
    if (in_.size() - at_ < size) return fail(), base::Bytes{};
    const base::Bytes result(in_.data() + at_, static_cast<size_t>(size));
    at_ += static_cast<size_t>(size);
    return result;
  }
  std::string text(uint64_t size) { return std::string(bytes(size).text()); }

  bool ok() const { return ok_; }
  bool at_end() const { return ok_ && at_ == in_.size(); }
  size_t left() const { return in_.size() - at_; }

 private:
  void fail() { ok_ = false, at_ = in_.size(); }

  base::Bytes in_;
  size_t at_ = 0;
  bool ok_ = true;
};

}  // namespace garita::package
