// What a manifest says of the settings that its driver takes.
#include "core/base/clock.hpp"
#include "core/load/manifest_reader.hpp"

namespace garita::load {
namespace {

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

}  // namespace

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

}  // namespace garita::load
