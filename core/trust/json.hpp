// JSON as a signed document may be: one meaning, or none. No key twice, no fraction, no depth, no size beyond
// a limit; a field that a document calls critical and that we do not know refuses the whole of it.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "core/base/digest.hpp"
#include "core/base/result.hpp"

namespace garita::trust {

using Json = nlohmann::json;

inline constexpr size_t max_document_bytes = 1u << 20;
inline constexpr unsigned max_document_depth = 16;

// An object. `what` names the document in errors: a path. "trust.too_large", "trust.json_malformed",
// "trust.json_duplicate" {field}.
base::Result<Json> parse_json(std::string_view text, std::string_view what,
                              size_t max_bytes = max_document_bytes);

// Without spaces; what is no UTF-8 becomes U+FFFD.
std::string compact(const Json& json);

// Reads the fields of an object. The first fault sticks ("trust.field"); what is read after it is empty.
// Borrows the object.
class Fields {
 public:
  Fields(const Json& object, std::string_view what, std::string where = "");

  std::string text(const char* key, size_t max_bytes = 1024);
  uint64_t number(const char* key, uint64_t low, uint64_t high);
  bool flag(const char* key);
  int64_t time(const char* key);  // UTC ns, of the years 2000 to 2199
  base::Digest digest(const char* key);
  std::optional<base::Digest> digest_or_none(const char* key);
  const Json& array(const char* key, size_t max_items);
  const Json& object(const char* key);
  // One of the values, as its index.
  size_t choice(const char* key, std::initializer_list<std::string_view> values);

  void fail(std::string_view key);
  // An error of a part that was read by Fields of its own.
  void take(base::Result<void> part);
  // The first fault, or "trust.critical_unknown" {field} where "critical" lists a field that nobody asked
  // for.
  base::Result<void> end();

 private:
  const Json* find(const char* key);

  const Json& object_;
  std::string what_, where_;
  std::set<std::string> known_;
  std::optional<base::Error> error_;
};

}  // namespace garita::trust
