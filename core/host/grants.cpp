#include "core/host/grants.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <set>

#include "core/base/clock.hpp"

namespace garita::host {
namespace {

base::Error usage(std::string id, std::vector<base::Field> fields) {
  return {base::Outcome::usage, std::move(id), std::move(fields)};
}

template <typename Declared>
std::string names_of(const std::vector<Declared>& declared, std::string Declared::*name) {
  std::string list;
  for (const Declared& each : declared) list += (list.empty() ? "" : ", ") + each.*name;
  return list.empty() ? "-" : list;
}

template <typename Number>
bool parse_number(const std::string& text, Number& out) {
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), out);
  return code == std::errc() && end == text.data() + text.size();
}

bool parse_value(const load::ConfigKey& key, const std::string& text, image::Value& out) {
  out.type = key.type;
  switch (key.type) {
    case GARITA_VALUE_TEXT:
    case GARITA_VALUE_BYTES:
      out.text = text;
      return key.choices.empty() || std::find(key.choices.begin(), key.choices.end(), text) != key.choices.end();
    case GARITA_VALUE_I64:
      return parse_number(text, out.integer) &&
             (!key.range || (static_cast<double>(out.integer) >= (*key.range)[0] &&
                             static_cast<double>(out.integer) <= (*key.range)[1]));
    case GARITA_VALUE_F64:
      return parse_number(text, out.real) && std::isfinite(out.real) &&
             (!key.range || (out.real >= (*key.range)[0] && out.real <= (*key.range)[1]));
    case GARITA_VALUE_BOOL:
      out.integer = text == "true" ? 1 : 0;
      return text == "true" || text == "false";
    case GARITA_VALUE_TIME: {
      const auto utc_ns = base::parse_utc(text);
      out.integer = utc_ns.value_or(0);
      return utc_ns.has_value();
    }
    default:
      return false;
  }
}

// "a whole number from 1 to 9", for the sentence: facts only, no words of a language.
std::string wanted(const load::ConfigKey& key) {
  static const char* const names[] = {"", "text", "i64", "f64", "true|false", "2026-01-31T12:00:00Z", "bytes"};
  std::string text = key.type <= GARITA_VALUE_BYTES ? names[key.type] : "?";
  if (key.range) text += " " + std::to_string((*key.range)[0]) + " … " + std::to_string((*key.range)[1]);
  for (const std::string& choice : key.choices) text += " | " + choice;
  return text;
}

}  // namespace

base::Result<Assignments> parse_assignments(const std::vector<std::string>& texts, std::string_view option) {
  Assignments assignments;
  std::set<std::string> seen;
  for (const std::string& text : texts) {
    const size_t equals = text.find('=');
    if (equals == std::string::npos || equals == 0)
      return usage("host.bad_assignment", {{"option", std::string(option)}, {"given", text}});
    const std::string name = text.substr(0, equals);
    if (!seen.insert(name).second)
      return usage("host.doubled_assignment", {{"option", std::string(option)}, {"name", name}});
    assignments.emplace_back(name, text.substr(equals + 1));
  }
  return assignments;
}

base::Result<broker::Broker::Sources> grant_sources(const load::Manifest& manifest, const Assignments& sources) {
  const std::string declared = names_of(manifest.streams, &load::StreamDeclaration::name);
  broker::Broker::Sources granted;
  for (const auto& [name, text] : sources) {
    if (!manifest.stream(name))
      return usage("host.unknown_stream", {{"driver", manifest.name}, {"stream", name}, {"declared", declared}});
    GARITA_TRY_ASSIGN(address, broker::Address::parse(text));
    granted.emplace(name, std::move(address));
  }
  for (const load::StreamDeclaration& stream : manifest.streams)
    if (stream.required && !granted.contains(stream.name))
      return usage("host.missing_stream", {{"driver", manifest.name}, {"stream", stream.name}});
  return granted;
}

base::Result<Configuration> grant_configuration(const load::Manifest& manifest, const Assignments& values) {
  Configuration granted;
  for (const load::ConfigKey& key : manifest.config) granted[key.key] = key.default_value.value_or(image::Value{});
  for (const auto& [name, text] : values) {
    const load::ConfigKey* key = manifest.key(name);
    if (!key)
      return usage("host.unknown_key", {{"driver", manifest.name}, {"key", name},
                                        {"declared", names_of(manifest.config, &load::ConfigKey::key)}});
    if (!parse_value(*key, text, granted[name]))
      return usage("host.bad_value", {{"key", name}, {"given", key->secret ? "***" : text}, {"wanted", wanted(*key)}});
  }
  for (const load::ConfigKey& key : manifest.config)
    if (key.required && granted[key.key].type == GARITA_VALUE_NONE)
      return usage("host.missing_key", {{"driver", manifest.name}, {"key", key.key}});
  return granted;
}

std::vector<std::filesystem::path> driver_search_path(const std::string& given) {
  std::vector<std::filesystem::path> folders;
  const char* environment = std::getenv("GARITA_DRIVER_PATH");
  std::string list = !given.empty() ? given : environment ? environment : "";
  for (size_t begin = 0; begin < list.size();) {
    const size_t end = std::min(list.find(':', begin), list.size());
    if (end > begin) folders.emplace_back(list.substr(begin, end - begin));
    begin = end + 1;
  }
  if (!folders.empty()) return folders;
  std::error_code error;
  const auto program = std::filesystem::read_symlink("/proc/self/exe", error);
  if (!error) folders.push_back(program.parent_path().parent_path() / "lib/garita/drivers");
  return folders;
}

}  // namespace garita::host
