#include "core/load/manifest.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>
#include <regex>
#include <set>
#include <utility>

#include "core/base/clock.hpp"
#include "core/base/file.hpp"

namespace garita::load {
namespace {

using Json = nlohmann::json;
using Form = bool (*)(const std::string&);

constexpr std::string_view schema_id = "garita.manifest/1";
constexpr size_t max_text_bytes = 1024;

// The patterns are the schema's own; every text is ≤ 1024 bytes before it is compared.
template <const char* pattern, size_t max_bytes>
bool has_form(const std::string& text) {
  static const std::regex form(pattern, std::regex::ECMAScript | std::regex::optimize);
  return text.size() <= max_bytes && std::regex_match(text, form);
}
constexpr char name_pattern[] = "[a-z0-9][a-z0-9_-]*";
constexpr char version_pattern[] = "[0-9]+\\.[0-9]+\\.[0-9]+([-+][0-9A-Za-z.+-]+)?";
constexpr char abi_pattern[] = "(0|[1-9][0-9]{0,4})\\.(0|[1-9][0-9]{0,4})";
constexpr char reverse_dns_pattern[] = "[a-z0-9][a-z0-9-]*(\\.[a-z0-9_-]+)+";
constexpr char word_pattern[] = "[a-z0-9_-]+(\\.[a-z0-9_-]+)*";
constexpr char extension_pattern[] = "[a-z0-9]+([._-][a-z0-9]+)*/[1-9][0-9]*";
constexpr char sha_pattern[] = "[0-9a-f]{64}";
constexpr char stream_pattern[] = "[a-z][a-z0-9_-]*";
constexpr char key_pattern[] = "[a-z][a-z0-9_]*(\\.[a-z][a-z0-9_]*)*";

bool is_printable(const std::string& text) {
  return std::none_of(text.begin(), text.end(), [](unsigned char c) { return c < 0x20 || c == 0x7F; });
}
bool is_line(const std::string& text) { return !text.empty() && text.size() <= 256 && is_printable(text); }
bool is_text(const std::string& text) { return !text.empty() && text.size() <= max_text_bytes; }
bool is_any(const std::string& text) { return text.size() <= max_text_bytes; }
bool is_glob(const std::string& text) {
  return !text.empty() && text.size() <= 128 && is_printable(text) &&
         text.find_first_of("/\\") == std::string::npos;
}

// Relative, forward slashes, no empty, "." or ".." part.
bool is_plain_path(const std::string& text) {
  if (!is_line(text) || text.find('\\') != std::string::npos) return false;
  for (size_t from = 0; from <= text.size();) {
    const size_t to = std::min(text.find('/', from), text.size());
    const std::string part = text.substr(from, to - from);
    if (part.empty() || part == "." || part == "..") return false;
    from = to + 1;
  }
  return true;
}

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

uint32_t parse_abi(const std::string& text) {
  const size_t dot = text.find('.');
  uint32_t major = 0, minor = 0;
  if (dot == std::string::npos) return 0;
  std::from_chars(text.data(), text.data() + dot, major);
  std::from_chars(text.data() + dot + 1, text.data() + text.size(), minor);
  return major > 0xFFFF || minor > 0xFFFF ? 0 : GARITA_ABI_VERSION(major, minor);
}

LocalText local_text(Reader& read, const Json& object, const std::string& where) {
  const Json* value = read.find(object, where, "text", false);
  if (!value || !read.is(*value, value->is_object(), where + "text")) return {};
  return {read.text(*value, where + "text.", "en", is_text, true),
          read.text(*value, where + "text.", "es", is_text, true)};
}

StreamDeclaration stream(Reader& read, const Json& given, const std::string& field) {
  StreamDeclaration own;
  if (!read.is(given, given.is_object(), field)) return own;
  const std::string where = field + ".";
  own.name = read.text(given, where, "name", has_form<stream_pattern, 64>, true);
  const std::string kind = read.text(given, where, "kind", is_any, true);
  if (kind == "bytes")
    own.kind = GARITA_STREAM_BYTES;
  else if (kind == "datagrams")
    own.kind = GARITA_STREAM_DATAGRAMS;
  else if (kind == "objects")
    own.kind = GARITA_STREAM_OBJECTS;
  else
    read.fail("manifest_form", where + "kind", kind);
  const std::string direction = read.text(given, where, "direction", is_any, true);
  if (direction == "in")
    own.direction = Direction::in;
  else if (direction == "out")
    own.direction = Direction::out;
  else if (direction == "inout")
    own.direction = Direction::inout;
  else
    read.fail("manifest_form", where + "direction", direction);
  own.required = read.flag(given, where, "required", true);
  own.patterns = read.texts(given, where, "pattern", is_glob, 1, 32, false);
  read.array(given, where, "siblings", 0, 32, false, [&](const Json& element, const std::string& sibling) {
    if (!read.is(element, element.is_object(), sibling)) return;
    own.siblings.push_back({read.text(element, sibling + ".", "pattern", is_glob, true),
                            read.flag(element, sibling + ".", "required", true)});
  });
  own.text = local_text(read, given, where);
  return own;
}

// Number and port, in the one way that inet_ntop writes them: what a connect is compared with.
bool is_numeric_address(const std::string& given) {
  const std::string_view text = given;
  const size_t colon = text.rfind(':');
  if (colon == text.npos || colon < 2 || text.size() > 64) return false;
  const std::string_view port = text.substr(colon + 1);
  const bool digits = !port.empty() && port.size() <= 5 && port[0] != '0' &&
                      std::all_of(port.begin(), port.end(), [](char c) { return c >= '0' && c <= '9'; });
  if (!digits || std::stoul(std::string(port)) > 65535) return false;
  const bool six = text.front() == '[' && text[colon - 1] == ']';
  const std::string host(six ? text.substr(1, colon - 2) : text.substr(0, colon));
  unsigned char number[sizeof(in6_addr)];
  char written[INET6_ADDRSTRLEN];
  const int family = six ? AF_INET6 : AF_INET;
  return inet_pton(family, host.c_str(), number) == 1 && inet_ntop(family, number, written, sizeof written) && host == written;
}

GrantedConnect granted_connect(Reader& read, const Json& given, const std::string& field, const Manifest& manifest) {
  GrantedConnect own;
  if (!read.is(given, given.is_object(), field)) return own;
  own.address = read.text(given, field + ".", "address", is_numeric_address, true);
  own.stream = read.text(given, field + ".", "stream", is_any, true);
  const StreamDeclaration* stream = manifest.stream(own.stream);
  if (!stream || stream->kind != GARITA_STREAM_BYTES) read.fail("manifest_form", field + ".stream", own.stream);
  return own;
}

// A default is of the key's type, written as JSON writes it.
image::Value default_value(Reader& read, const Json& given, const std::string& field, uint32_t type) {
  image::Value own;
  own.type = type;
  switch (type) {
    case GARITA_VALUE_I64:
      if (!read.is(given, given.is_number_integer(), field)) break;
      if (given.is_number_unsigned() && given.get<uint64_t>() > uint64_t{INT64_MAX})
        read.fail("manifest_range", field, given.dump());
      else
        own.integer = given.get<int64_t>();
      break;
    case GARITA_VALUE_F64:
      if (read.is(given, given.is_number(), field)) own.real = given.get<double>();
      break;
    case GARITA_VALUE_BOOL:
      if (read.is(given, given.is_boolean(), field)) own.integer = given.get<bool>();
      break;
    case GARITA_VALUE_TIME: {
      own.text = read.text(given, field, is_any);
      const std::optional<int64_t> utc_ns = base::parse_utc(own.text);
      if (!utc_ns) read.fail("manifest_form", field, own.text);
      own.text.clear();
      own.integer = utc_ns.value_or(0);
      break;
    }
    default:
      own.text = read.text(given, field, is_any);
      break;
  }
  return own;
}

void config_range(Reader& read, const Json& given, const std::string& where, ConfigKey& own) {
  std::vector<double> bounds;
  read.array(given, where, "range", 1, 256, false, [&](const Json& element, const std::string& field) {
    if (own.type == GARITA_VALUE_TEXT) {
      own.choices.push_back(read.text(element, field, is_any));
    } else if (read.is(element, element.is_number(), field)) {
      bounds.push_back(element.get<double>());
    }
  });
  if (bounds.empty()) return;
  if ((own.type != GARITA_VALUE_I64 && own.type != GARITA_VALUE_F64) || bounds.size() != 2 ||
      bounds[0] > bounds[1])
    return read.fail("manifest_form", where + "range");
  own.range = {bounds[0], bounds[1]};
}

bool in_range(const ConfigKey& own) {
  const image::Value& value = *own.default_value;
  if (!own.choices.empty())
    return std::find(own.choices.begin(), own.choices.end(), value.text) != own.choices.end();
  if (!own.range) return true;
  const double number = value.type == GARITA_VALUE_I64 ? static_cast<double>(value.integer) : value.real;
  return number >= (*own.range)[0] && number <= (*own.range)[1];
}

ConfigKey config_key(Reader& read, const Json& given, const std::string& field) {
  static const std::pair<std::string_view, uint32_t> types[] = {{"text", GARITA_VALUE_TEXT},
                                                                {"i64", GARITA_VALUE_I64},
                                                                {"f64", GARITA_VALUE_F64},
                                                                {"bool", GARITA_VALUE_BOOL},
                                                                {"time", GARITA_VALUE_TIME}};
  ConfigKey own;
  if (!read.is(given, given.is_object(), field)) return own;
  const std::string where = field + ".";
  own.key = read.text(given, where, "key", has_form<key_pattern, 64>, true);
  const std::string type = read.text(given, where, "type", is_any, true);
  const auto known =
      std::find_if(std::begin(types), std::end(types), [&](auto& t) { return t.first == type; });
  if (known == std::end(types)) return read.fail("manifest_form", where + "type", type), own;
  own.type = known->second;
  own.required = read.flag(given, where, "required", false);
  own.secret = read.flag(given, where, "secret", false);
  own.unit = read.text(given, where, "unit", is_line, false);
  own.text = local_text(read, given, where);
  config_range(read, given, where, own);
  if (const Json* value = read.find(given, where, "default", false)) {
    own.default_value = default_value(read, *value, where + "default", own.type);
    if (!read.error && !in_range(own)) read.fail("manifest_range", where + "default", value->dump());
  }
  return own;
}

DriverLimits limits(Reader& read, const Json& root) {
  DriverLimits own;
  const Json* given = read.find(root, "", "limits", false);
  if (!given || !read.is(*given, given->is_object(), "limits")) return own;
  const std::string where = "limits.";
  read.number(*given, where, "max_call_ms", 100, 60000, own.max_call_ms);
  read.number(*given, where, "decode_ms", 1, 60000, own.decode_ms);
  read.number(*given, where, "max_threads", 0, 64, own.max_threads);
  read.number(*given, where, "memory_mb", 1, 65536, own.memory_mb);
  read.number(*given, where, "max_scan_rows", 1, uint64_t{1} << 32, own.max_scan_rows);
  read.number(*given, where, "max_strip_bytes", 65536, GARITA_MAX_STRIP_BYTES, own.max_strip_bytes);
  read.number(*given, where, "held_strips", 1, 4096, own.held_strips);
  if (own.decode_ms > own.max_call_ms)
    read.fail("manifest_range", "limits.decode_ms", std::to_string(own.decode_ms));
  return own;
}

PackageFile package_file(Reader& read, const Json& given, const std::string& field, const char* path_key) {
  PackageFile own;
  if (!read.is(given, given.is_object(), field)) return own;
  own.path = read.text(given, field + ".", path_key, is_plain_path, true);
  const std::string digest = read.text(given, field + ".", "sha256", has_form<sha_pattern, 64>, true);
  own.sha256 = base::parse_digest(digest).value_or(base::Digest{});
  return own;
}

void abi_range(Reader& read, const Json& root, Manifest& own) {
  const Json* given = read.find(root, "", "abi", true);
  if (!given || !read.is(*given, given->is_object(), "abi")) return;
  own.abi_min = parse_abi(read.text(*given, "abi.", "min", has_form<abi_pattern, 11>, true));
  own.abi_max = parse_abi(read.text(*given, "abi.", "max", has_form<abi_pattern, 11>, true));
  if (own.abi_min == 0 || own.abi_max < own.abi_min) read.fail("manifest_form", "abi");
}

Manifest manifest(Reader& read, const Json& root) {
  Manifest own;
  if (!read.is(root, root.is_object(), "the whole")) return own;
  const std::string schema = read.text(root, "", "schema", is_any, true);
  if (schema != schema_id) return read.fail("manifest_schema", "schema", schema), own;
  own.id = read.text(root, "", "id", has_form<reverse_dns_pattern, 128>, true);
  own.name = read.text(root, "", "name", has_form<name_pattern, 64>, true);
  own.vendor = read.text(root, "", "vendor", is_line, true);
  own.version = read.text(root, "", "version", has_form<version_pattern, 64>, true);
  own.licence = read.text(root, "", "licence", is_line, true);
  abi_range(read, root, own);
  own.models = read.texts(root, "", "models", is_line, 1, 256, true);
  own.profiles = read.texts(root, "", "profiles", has_form<word_pattern, 128>, 0, 16, false);
  own.capabilities = read.texts(root, "", "capabilities", has_form<word_pattern, 128>, 0, 256, true);
  own.extensions = read.texts(root, "", "extensions", has_form<extension_pattern, 128>, 0, 64, false);
  std::vector<std::string> names;
  read.array(root, "", "streams", 0, 64, false, [&](const Json& element, const std::string& field) {
    own.streams.push_back(stream(read, element, field));
    read.unique(names, own.streams.back().name, field + ".name");
    names.push_back(own.streams.back().name);
  });
  names.clear();
  read.array(root, "", "granted_connects", 0, 16, false, [&](const Json& element, const std::string& field) {
    own.granted_connects.push_back(granted_connect(read, element, field, own));
    read.unique(names, own.granted_connects.back().address, field + ".address");
    names.push_back(own.granted_connects.back().address);
  });
  names.clear();
  read.array(root, "", "config", 0, 256, false, [&](const Json& element, const std::string& field) {
    own.config.push_back(config_key(read, element, field));
    read.unique(names, own.config.back().key, field + ".key");
    names.push_back(own.config.back().key);
  });
  own.limits = limits(read, root);
  if (const Json* driver = read.find(root, "", "driver", true))
    own.driver = package_file(read, *driver, "driver", "file");
  names.assign(1, own.driver.path);
  read.array(root, "", "files", 0, 256, false, [&](const Json& element, const std::string& field) {
    own.files.push_back(package_file(read, element, field, "path"));
    read.unique(names, own.files.back().path, field + ".path");
    names.push_back(own.files.back().path);
  });
  return own;
}

// JSON with every key once and a limited depth. What a second reader would take from a doubled key is
// anybody's guess.
base::Result<Json> parse_json(std::string_view text, std::string_view origin) {
  struct Refused {
    const char* id;
    std::string field;
  };
  std::vector<std::set<std::string>> keys;
  const auto watch = [&](int depth, Json::parse_event_t event, Json& value) {
    if (depth > static_cast<int>(max_manifest_depth)) throw Refused{"manifest_depth", {}};
    if (event == Json::parse_event_t::object_start) keys.emplace_back();
    if (event == Json::parse_event_t::object_end) keys.pop_back();
    if (event == Json::parse_event_t::key && !keys.back().insert(value.get<std::string>()).second)
      throw Refused{"manifest_key_twice", value.get<std::string>()};
    return true;
  };
  const auto error = [&](const char* id, std::string field, std::string value) {
    return base::Error{
        base::Outcome::not_loaded,
        "load." + std::string(id),
        {{"path", std::string(origin)}, {"field", std::move(field)}, {"value", std::move(value)}},
        0};
  };
  try {
    return Json::parse(text, watch);
  } catch (const Refused& refused) {
    return error(refused.id, refused.field, std::to_string(max_manifest_depth));
  } catch (const Json::parse_error& wrong) {
    return error("manifest_json", {}, std::to_string(wrong.byte));
  } catch (const std::exception&) {  // a number beyond double, memory
    return error("manifest_json", {}, "0");
  }
}

}  // namespace

const StreamDeclaration* Manifest::stream(std::string_view stream_name) const {
  const auto found = std::find_if(streams.begin(), streams.end(),
                                  [&](const auto& declared) { return declared.name == stream_name; });
  return found == streams.end() ? nullptr : &*found;
}

const ConfigKey* Manifest::key(std::string_view config_key) const {
  const auto found = std::find_if(config.begin(), config.end(),
                                  [&](const auto& declared) { return declared.key == config_key; });
  return found == config.end() ? nullptr : &*found;
}

base::Result<Manifest> parse_manifest(std::string_view json, std::string_view origin) {
  if (json.size() > max_manifest_bytes)
    return base::Error{base::Outcome::not_loaded,
                       "load.manifest_too_large",
                       {{"path", std::string(origin)}, {"limit", std::to_string(max_manifest_bytes)}},
                       0};
  GARITA_TRY_ASSIGN(root, parse_json(json, origin));
  Reader read(origin);
  Manifest own = manifest(read, root);
  if (read.error) return *std::move(read.error);
  own.sha256 = base::sha256(json);
  return own;
}

base::Result<Manifest> read_manifest(const std::filesystem::path& path) {
  GARITA_TRY_ASSIGN(text, base::read_text_file(path, max_manifest_bytes));
  GARITA_TRY_ASSIGN(own, parse_manifest(text, path.string()));
  if (path.filename() != own.name + std::string(manifest_suffix))
    return base::Error{
        base::Outcome::not_loaded, "load.manifest_name", {{"path", path.string()}, {"name", own.name}}, 0};
  own.folder = path.parent_path();
  return own;
}

}  // namespace garita::load
