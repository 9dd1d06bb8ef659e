// Reads the fields of a manifest's JSON; the first fault sticks. Private to core/load.
#pragma once

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <regex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"
#include "core/load/manifest.hpp"

namespace garita::load {

using Json = nlohmann::json;
using Form = bool (*)(const std::string&);

inline constexpr size_t max_manifest_text_bytes = 1024;

// The patterns are the schema's own; every text is ≤ 1024 bytes before it is compared.
template <const char* pattern, size_t max_bytes>
bool has_form(const std::string& text) {
  static const std::regex form(pattern, std::regex::ECMAScript | std::regex::optimize);
  return text.size() <= max_bytes && std::regex_match(text, form);
}
inline constexpr char name_pattern[] = "[a-z0-9][a-z0-9_-]*";
inline constexpr char version_pattern[] = "[0-9]+\\.[0-9]+\\.[0-9]+([-+][0-9A-Za-z.+-]+)?";
inline constexpr char abi_pattern[] = "(0|[1-9][0-9]{0,4})\\.(0|[1-9][0-9]{0,4})";
inline constexpr char reverse_dns_pattern[] = "[a-z0-9][a-z0-9-]*(\\.[a-z0-9_-]+)+";
inline constexpr char word_pattern[] = "[a-z0-9_-]+(\\.[a-z0-9_-]+)*";
inline constexpr char extension_pattern[] = "[a-z0-9]+([._-][a-z0-9]+)*/[1-9][0-9]*";
inline constexpr char sha_pattern[] = "[0-9a-f]{64}";
inline constexpr char stream_pattern[] = "[a-z][a-z0-9_-]*";
inline constexpr char key_pattern[] = "[a-z][a-z0-9_]*(\\.[a-z][a-z0-9_]*)*";

// What a text may be, besides its length.
bool is_printable(const std::string& text);
bool is_line(const std::string& text);
bool is_text(const std::string& text);
bool is_any(const std::string& text);
bool is_glob(const std::string& text);
bool is_plain_path(const std::string& text);  // relative, forward slashes, no empty, "." or ".." part

// Reads fields of a parsed manifest. The first fault sticks; what is read after it is empty.
class Reader {
 public:
  explicit Reader(std::string_view origin) : origin_(origin) {}

  std::optional<base::Error> error;

  void fail(std::string_view id, const std::string& field, const std::string& value = {}) {
    if (error) return;
    error = base::Error{base::Outcome::not_loaded,
                        "load." + std::string(id),
                        {{"path", origin_}, {"field", field}, {"value", value}},
                        0};
  }

  // nullptr: not there. A field that must be there and is not is a fault.
  const Json* find(const Json& object, const std::string& where, const char* key, bool required) {
    if (error) return nullptr;
    const auto found = object.find(key);
    if (found != object.end()) return &*found;
    if (required) fail("manifest_missing", where + key);
    return nullptr;
  }

  bool is(const Json& value, bool right, const std::string& field) {
    if (!error && !right) fail("manifest_type", field, value.type_name());
    return !error;
  }

  std::string text(const Json& value, const std::string& field, Form form) {
    if (!is(value, value.is_string(), field)) return {};
    std::string own = value.get<std::string>();
    if (!is_any(own) || !form(own)) return fail("manifest_form", field, own), std::string();
    return own;
  }
  std::string text(const Json& object, const std::string& where, const char* key, Form form, bool required) {
    const Json* value = find(object, where, key, required);
    return value ? text(*value, where + key, form) : std::string();
  }

  bool flag(const Json& object, const std::string& where, const char* key, bool otherwise) {
    const Json* value = find(object, where, key, false);
    return value && is(*value, value->is_boolean(), where + key) ? value->get<bool>() : otherwise;
  }

  template <typename T>
  void number(const Json& object, const std::string& where, const char* key, uint64_t low, uint64_t high,
              T& out) {
    const Json* value = find(object, where, key, false);
    if (!value || !is(*value, value->is_number_integer(), where + key)) return;
    if (!value->is_number_unsigned() || value->get<uint64_t>() < low || value->get<uint64_t>() > high)
      return fail("manifest_range", where + key, value->dump());
    out = static_cast<T>(value->get<uint64_t>());
  }

  // Calls each(element, "models[0]") for the array `key` of `object`.
  template <typename Each>
  void array(const Json& object, const std::string& where, const char* key, size_t least, size_t most,
             bool required, Each each) {
    const Json* value = find(object, where, key, required);
    if (!value || !is(*value, value->is_array(), where + key)) return;
    if (value->size() < least || value->size() > most)
      return fail("manifest_count", where + key, std::to_string(value->size()));
    for (size_t i = 0; i < value->size() && !error; ++i)
      each((*value)[i], where + key + "[" + std::to_string(i) + "]");
  }

  std::vector<std::string> texts(const Json& object, const std::string& where, const char* key, Form form,
                                 size_t least, size_t most, bool required) {
    std::vector<std::string> own;
    array(object, where, key, least, most, required, [&](const Json& element, const std::string& field) {
      own.push_back(text(element, field, form));
      unique(std::span(own).first(own.size() - 1), own.back(), field);
    });
    return own;
  }

  void unique(std::span<const std::string> before, const std::string& value, const std::string& field) {
    if (std::find(before.begin(), before.end(), value) != before.end())
      fail("manifest_doubled", field, value);
  }

 private:
  const std::string origin_;
};

// JSON with every key once and a limited depth. What a second reader would take from a doubled key is
// anybody's guess.
base::Result<Json> parse_json(std::string_view text, std::string_view origin);

// Parts of a manifest; `field` and `where` say where in it they stand: "streams[0]", "streams[0].".
LocalText local_text(Reader& read, const Json& object, const std::string& where);
StreamDeclaration stream_declaration(Reader& read, const Json& given, const std::string& field);
GrantedConnect granted_connect(Reader& read, const Json& given, const std::string& field,
                               const Manifest& manifest);
ConfigKey config_key(Reader& read, const Json& given, const std::string& field);

}  // namespace garita::load
