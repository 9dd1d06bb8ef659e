#include "core/exchange/policy/sharing.hpp"

#include "core/record/dictionary.hpp"
#include "garita/attachment.h"

namespace garita::exchange {
namespace {

constexpr uint32_t recording_role = 256;  // FORMAT.md, kind 3

// "conveyance.plates[12].number" -> "conveyance.plates[].number".
std::string pattern_of(std::string_view path) {
  std::string pattern;
  bool inside = false;
  for (const char c : path) {
    if (c == ']') inside = false;
    if (!inside) pattern += c;
    if (c == '[') inside = true;
  }
  return pattern;
}

const uint32_t* find_cover(const Words& patterns, std::string_view path) {
  for (const auto& [pattern, line] : patterns)
    if (covers(pattern, path)) return &line;
  return nullptr;
}

}  // namespace

std::string_view word_of(Why why) {
  static constexpr std::string_view words[] = {"listed",       "field_given",   "field_held", "class_missing",
                                               "part_missing", "unknown_field", "finer"};
  return words[static_cast<size_t>(why)];
}

bool covers(std::string_view pattern, std::string_view path) {
  const std::string general = pattern_of(path);
  if (!general.starts_with(pattern)) return false;
  return general.size() == pattern.size() || general[pattern.size()] == '.' || general[pattern.size()] == '[';
}

Decision SharingRule::field(std::string_view path) const {
  const v1::Redaction of = record::redaction_class(path);
  if (of == v1::REDACTION_UNSPECIFIED) return {false, line, Why::unknown_field};
  if (const uint32_t* held = find_cover(withhold, path)) return {false, *held, Why::field_held};
  if (const uint32_t* given = find_cover(give, path)) return {true, *given, Why::field_given};
  const auto listed = classes.find(of);
  if (listed == classes.end()) return {false, line, Why::class_missing};
  return {true, listed->second, Why::listed};
}

Decision SharingRule::plane(uint32_t level) const {
  if (planes == PlaneShare::whole) return {true, planes_line, Why::listed};
  if (planes == PlaneShare::withheld)
    return {false, planes_line != 0 ? planes_line : line, Why::part_missing};
  const bool coarse = level > 0 && level < 16 && uint64_t{1} << 2 * level >= factor;
  return {coarse, planes_line, coarse ? Why::listed : Why::finer};
}

Decision SharingRule::attachment(uint32_t role) const {
  if (role == recording_role) return part(recordings);
  const auto listed = attachments.find(role);
  if (listed == attachments.end()) return {false, line, Why::part_missing};
  return {true, listed->second, Why::listed};
}

Decision SharingRule::part(const std::optional<uint32_t>& given) const {
  if (!given) return {false, line, Why::part_missing};
  return {true, *given, Why::listed};
}

const SharingRule* SharingPolicy::find(std::string_view to, std::string_view purpose) const {
  for (const SharingRule& rule : rules)
    if (rule.to.contains(to) && rule.purpose.contains(purpose)) return &rule;
  return nullptr;
}

}  // namespace garita::exchange
