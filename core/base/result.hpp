// Result<T>: a value, or an Error that names the thing at fault.
//
// An Error carries no sentence but a text id and named fields; it is rendered at the edge, in the language of
// whoever reads it (core/base/text.hpp). Inside the house nobody throws.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace garita::base {

// What an error means to whoever ran the command; the number is the exit code of the programs.
enum class Outcome : int {
  no = 1,          // the answer is no: a rule failed, a signature is wrong
  usage = 2,       // wrong usage or configuration
  not_loaded = 3,  // the driver or file could not be loaded
  incomplete = 4,  // some of it is missing or was refused
};

struct Field {
  std::string name;
  std::string value;
};

struct [[nodiscard]] Error {
  Outcome outcome = Outcome::not_loaded;
  std::string id;  // of the text catalogue: "package.hash_mismatch"
  std::vector<Field>
      fields;  // what the text's {names} are filled with; outside text is made printable when rendered
  uint32_t status = 0;  // the garita_status behind it, 0 where there is none

  std::string_view field(std::string_view name) const;  // "" where there is no such field
};

template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) : content_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : content_(std::in_place_index<1>, std::move(error)) {}

  bool ok() const { return content_.index() == 0; }
  explicit operator bool() const { return ok(); }

  T& value() & { return std::get<0>(content_); }
  const T& value() const& { return std::get<0>(content_); }
  T&& value() && { return std::get<0>(std::move(content_)); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

  const Error& error() const& { return std::get<1>(content_); }
  Error&& error() && { return std::get<1>(std::move(content_)); }

 private:
  std::variant<T, Error> content_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Error error) : error_(std::move(error)) {}

  bool ok() const { return !error_; }
  explicit operator bool() const { return ok(); }
  const Error& error() const& { return *error_; }
  Error&& error() && { return *std::move(error_); }

 private:
  std::optional<Error> error_;
};

}  // namespace garita::base

// GARITA_TRY(expression): returns the error of a Result<void>; GARITA_TRY_ASSIGN(name, expression): takes the
// value.
#define GARITA_TRY_JOIN_(a, b) a##b
#define GARITA_TRY_JOIN(a, b) GARITA_TRY_JOIN_(a, b)
#define GARITA_TRY(expression)                                                                      \
  do {                                                                                              \
    if (auto garita_result = (expression); !garita_result) return std::move(garita_result).error(); \
  } while (false)
#define GARITA_TRY_ASSIGN(name, expression)                              \
  auto GARITA_TRY_JOIN(garita_result_, __LINE__) = (expression);         \
  if (!GARITA_TRY_JOIN(garita_result_, __LINE__))                        \
    return std::move(GARITA_TRY_JOIN(garita_result_, __LINE__)).error(); \
  auto name = std::move(GARITA_TRY_JOIN(garita_result_, __LINE__)).value()
