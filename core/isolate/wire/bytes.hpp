// Values in a flat row of bytes, little-endian as memory has them. Writing beyond the end and reading what is
// not there fail for good: ok() is false from then on, and reads give zero. What the host reads of a worker it
// reads by an OutsideReader: its values cannot be used before they are checked.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "core/isolate/wire/untrusted.hpp"

namespace garita::isolate {

class Writer {
 public:
  explicit Writer(std::span<std::byte> room) : begin_(room.data()), at_(begin_), end_(begin_ + room.size()) {}

  template <typename T>
  void put(T value) {
    static_assert(std::is_arithmetic_v<T>);
    raw(&value, sizeof value);
  }
  void text(std::string_view text) {
    put(static_cast<uint32_t>(text.size()));
    raw(text.data(), text.size());
  }
  template <typename T>
  void array(const std::vector<T>& values) {
    static_assert(std::is_arithmetic_v<T>);
    put(static_cast<uint32_t>(values.size()));
    raw(values.data(), values.size() * sizeof(T));
  }
  void raw(const void* data, size_t size) {
    if (size > static_cast<size_t>(end_ - at_)) {
      ok_ = false;
      return;
    }
    if (size != 0) std::memcpy(at_, data, size);
    at_ += size;
  }

  bool ok() const { return ok_; }
  size_t size() const { return static_cast<size_t>(at_ - begin_); }

 private:
  std::byte *begin_, *at_, *end_;
  bool ok_ = true;
};

class Reader {
 public:
  Reader() = default;
  explicit Reader(std::span<const std::byte> bytes) : at_(bytes.data()), end_(bytes.data() + bytes.size()) {}

  template <typename T>
  T get() {
    static_assert(std::is_arithmetic_v<T>);
    T value{};
    if (const std::byte* from = raw(sizeof value)) std::memcpy(&value, from, sizeof value);
    return value;
  }
  // Longer than the limit is a failure: nothing is allocated from a length that was not checked.
  std::string text(size_t limit_bytes) {
    const auto size = get<uint32_t>();
    if (size > limit_bytes) return fail(), std::string();
    const std::byte* from = raw(size);
    return from ? std::string(reinterpret_cast<const char*>(from), size) : std::string();
  }
  template <typename T>
  std::vector<T> array(size_t limit) {
    static_assert(std::is_arithmetic_v<T>);
    const auto count = get<uint32_t>();
    if (count > limit || count > left() / sizeof(T)) return fail(), std::vector<T>();
    std::vector<T> values(count);
    const std::byte* from = raw(count * sizeof(T));
    if (from && count != 0) std::memcpy(values.data(), from, count * sizeof(T));
    return values;
  }
  // The next `size` bytes, or nullptr.
  const std::byte* raw(size_t size) {
    if (!ok_ || size > left()) return fail(), nullptr;
    const std::byte* from = at_;
    at_ += size;
    return from;
  }
  std::span<const std::byte> rest() const { return {at_, left()}; }

  void fail() { ok_ = false; }
  bool ok() const { return ok_; }
  size_t left() const { return static_cast<size_t>(end_ - at_); }

 private:
  const std::byte *at_ = nullptr, *end_ = nullptr;
  bool ok_ = true;
};

// The host's reader of a worker's words. Lengths are checked by the reading; what the values mean is for whoever takes
// them out.
class OutsideReader {
 public:
  OutsideReader() = default;
  explicit OutsideReader(std::span<const std::byte> bytes) : in_(bytes) {}

  template <typename T>
  Untrusted<T> get() {
    return Untrusted<T>(in_.get<T>());
  }
  Untrusted<std::string> text(size_t limit_bytes) { return Untrusted<std::string>(in_.text(limit_bytes)); }
  template <typename T>
  Untrusted<std::vector<T>> array(size_t limit) {
    return Untrusted<std::vector<T>>(in_.array<T>(limit));
  }
  // A byte that says yes (1) or no (0); any other fails.
  bool flag() {
    const auto given = in_.get<uint8_t>();
    if (given > 1) in_.fail();
    return given == 1;
  }
  // u32 size, then so many bytes, which nobody here looks into. nullopt: they are not there, or more than the limit.
  std::optional<std::span<const std::byte>> bytes(size_t limit_bytes) {
    const auto size = in_.get<uint32_t>();
    const std::byte* from = size <= limit_bytes ? in_.raw(size) : nullptr;
    if (!from) return fail(), std::nullopt;
    return std::span(from, size);
  }
  // A value in several parts. `read` takes them by a plain reader; what it makes of them is outside data as a whole.
  template <typename Read>
  auto value(Read read) -> Untrusted<std::invoke_result_t<Read, Reader&>> {
    return Untrusted(read(in_));
  }

  void fail() { in_.fail(); }
  bool ok() const { return in_.ok(); }
  size_t left() const { return in_.left(); }

 private:
  Reader in_;
};

}  // namespace garita::isolate
