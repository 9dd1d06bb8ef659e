// A value that came from a process that nobody trusts. It cannot be read, compared, added to or used as an index: the only
// ways out are functions that look at it first.
//
//   Untrusted<uint32_t> count = …;
//   if (auto sound = count.checked([](uint32_t n) { return n <= max_count; })) use(*sound);
//   read(size.clamped(sizeof buffer));
//   show(name.made(base::valid_utf8));
#pragma once

#include <concepts>
#include <functional>
#include <optional>
#include <type_traits>
#include <utility>

#include "core/base/result.hpp"

namespace garita::isolate {

template <typename T>
class [[nodiscard]] Untrusted {
 public:
  constexpr explicit Untrusted(T value) : value_(std::move(value)) {}

  // The value where is_right(value); else nothing.
  template <std::predicate<const T&> Check>
  constexpr std::optional<T> checked(Check&& is_right) const& {
    return std::invoke(is_right, value_) ? std::optional<T>(value_) : std::nullopt;
  }
  template <std::predicate<const T&> Check>
  constexpr std::optional<T> checked(Check&& is_right) && {
    return std::invoke(is_right, std::as_const(value_)) ? std::optional<T>(std::move(value_)) : std::nullopt;
  }

  // For a check that says what is wrong, and may mend what is harmless: Result<void> check(T&).
  template <typename Check>
    requires std::same_as<std::invoke_result_t<Check, T&>, base::Result<void>>
  base::Result<T> verified(Check&& check) && {
    if (auto right = std::invoke(check, value_); !right) return std::move(right).error();
    return std::move(value_);
  }

  // What a function makes of it that is right for every value there is: a repair, a look-up in a closed list.
  template <std::invocable<const T&> Make>
  constexpr auto made(Make&& make) const {
    return std::invoke(make, value_);
  }

  // At most `high`: for sizes that are then cut, deadlines, counts that are only shown.
  constexpr T clamped(T high) const
    requires std::unsigned_integral<T>
  {
    return value_ < high ? value_ : high;
  }

 private:
  T value_;
};

}  // namespace garita::isolate
