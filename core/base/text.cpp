#include "core/base/text.hpp"

#include <algorithm>
#include <cstdlib>

#include "core/base/text/catalogue.hpp"
#include "core/base/utf8.hpp"

namespace garita::base {

std::optional<Language> language_of(std::string_view locale) {
  const std::string_view name = locale.substr(0, locale.find_first_of("_-.@"));
  const auto is = [&](std::string_view wanted) {
    return std::ranges::equal(name, wanted,
                              [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a + 32 : a) == b; });
  };
  if (is("es") || is("spa") || is("spanish")) return Language::es;
  if (is("en") || is("eng") || is("english") || is("c") || is("posix")) return Language::en;
  return std::nullopt;
}

Language language_from_environment() {
  for (const char* variable : {"LC_ALL", "LC_MESSAGES", "LANG"}) {
    const char* locale = std::getenv(variable);
    if (locale && *locale) return language_of(locale).value_or(Language::en);
  }
  return Language::en;
}

const char* sentence(Language language, std::string_view id) {
  const auto rows = catalogue();
  const auto row = std::ranges::lower_bound(rows, id, {}, &CatalogueRow::id);
  if (row == rows.end() || row->id != id) return nullptr;
  const char* wanted = language == Language::es ? row->es : row->en;
  const char* other = language == Language::es ? row->en : row->es;
  return *wanted ? wanted : other;
}

namespace {

bool is_control(char32_t c) { return c < 0x20 || (c >= 0x7F && c <= 0x9F) || c == 0x2028 || c == 0x2029; }

// They turn what follows around on the screen, so that a file name can read as another one.
bool is_bidirectional_control(char32_t c) {
  return c == 0x061C || c == 0x200E || c == 0x200F || (c >= 0x202A && c <= 0x202E) ||
         (c >= 0x2066 && c <= 0x2069);
}

std::string id_and_fields(std::string_view id, std::span<const Field> fields) {
  std::string out = printable(id);
  for (size_t i = 0; i < fields.size(); ++i) {
    out += (i == 0 ? " (" : ", ") + printable(fields[i].name) + ": " + printable(fields[i].value);
  }
  return fields.empty() ? out : out + ")";
}

}  // namespace

std::string printable(std::string_view outside, size_t max_bytes) {
  std::string out;
  size_t end = 0;  // the most of `out` that leaves room for the ellipsis
  while (!outside.empty()) {
    const CodePoint next = first_code_point(outside);
    outside.remove_prefix(next.size_bytes);
    if (is_bidirectional_control(next.value)) continue;
    if (out.size() + 3 <= max_bytes) end = out.size();
    append_utf8(out, is_control(next.value) ? 0xFFFD : next.value);
    if (out.size() > max_bytes) return out.erase(end) + (max_bytes >= 3 ? "…" : "");
  }
  return out;
}

std::string text(Language language, std::string_view id, std::span<const Field> fields) {
  const char* found = sentence(language, id);
  if (!found) return id_and_fields(id, fields);
  std::string out;
  std::string_view rest = found;
  while (!rest.empty()) {
    const size_t open = rest.find('{');
    const size_t close = rest.find('}', open == rest.npos ? 0 : open);
    out += rest.substr(0, open);
    if (open == rest.npos) break;
    if (close == rest.npos) return out += rest.substr(open);
    const auto name = rest.substr(open + 1, close - open - 1);
    const auto field = std::ranges::find(fields, name, &Field::name);
    out += field == fields.end() ? std::string(rest.substr(open, close - open + 1)) : printable(field->value);
    rest.remove_prefix(close + 1);
  }
  return out;
}

std::string render(const Error& error, Language language) { return text(language, error.id, error.fields); }

}  // namespace garita::base
