// What a person reads: sentences by id in English and Spanish (core/base/text/*.toml, compiled in), filled
// with fields.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "core/base/result.hpp"

namespace garita::base {

enum class Language : uint8_t { en, es };

// "es", "es_MX.UTF-8", "en-US", "C", "POSIX": the language of a locale's name; nullopt for one that we do not
// speak.
std::optional<Language> language_of(std::string_view locale);

// LC_ALL, else LC_MESSAGES, else LANG, the first that is set and not empty; English where it is one that we
// do not speak.
Language language_from_environment();

// The sentence of `id` with its {names} filled in; a {name} without a field stays as it is. An id that is not
// in the catalogue renders as the id and its fields, "record.new_thing (path: a, size: 3)". Field values are
// outside text and go through printable().
std::string text(Language language, std::string_view id, std::span<const Field> fields = {});
std::string render(const Error& error, Language language);

// nullptr where the catalogue has no such id; a sentence with its {names} unfilled otherwise. For tests and
// tools.
const char* sentence(Language language, std::string_view id);

inline constexpr size_t max_field_bytes = 400;

// Outside text made fit for a line on a terminal: invalid UTF-8 and control characters (C0, C1, DEL, line
// separators) become U+FFFD, bidirectional controls vanish, and what is longer than max_bytes is cut at a
// code point and ends in "…".
std::string printable(std::string_view outside, size_t max_bytes = max_field_bytes);

}  // namespace garita::base
