#include "core/record/dictionary.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include "core/record/path.hpp"
#include "garita/v1/addendum.pb.h"
#include "garita/v1/inspection.pb.h"

namespace garita::record {
namespace {

namespace pb = google::protobuf;
using Type = pb::FieldDescriptor::CppType;

std::string type_of(const pb::FieldDescriptor& field) {
  switch (field.cpp_type()) {
    case Type::CPPTYPE_INT32:
    case Type::CPPTYPE_INT64:
      return "i64";
    case Type::CPPTYPE_UINT32:
    case Type::CPPTYPE_UINT64:
      return "u64";
    case Type::CPPTYPE_FLOAT:
    case Type::CPPTYPE_DOUBLE:
      return "f64";
    case Type::CPPTYPE_BOOL:
      return "bool";
    case Type::CPPTYPE_ENUM:
      return "word";
    case Type::CPPTYPE_STRING:
      return field.type() == pb::FieldDescriptor::TYPE_BYTES ? "bytes" : "text";
    case Type::CPPTYPE_MESSAGE:
      return "series";
  }
  return "";
}

// "KIND_RAIL_CAR" of Kind -> "KIND_"; "SAMPLE_TYPE_" of SampleType.
std::string prefix_of(const pb::EnumDescriptor& type) {
  std::string prefix;
  for (char c : type.name()) {
    if (c >= 'A' && c <= 'Z' && !prefix.empty()) prefix += '_';
    prefix += static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
  }
  return prefix + '_';
}

std::string word_of_value(const pb::EnumValueDescriptor& value) {
  const std::string prefix = prefix_of(*value.type());
  std::string word = value.name();
  if (word.starts_with(prefix)) word.erase(0, prefix.size());
  for (char& c : word)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return word;
}

using Words = std::map<std::string, int, std::less<>>;

// Words of every enum that is asked for; guarded by being built whole with the dictionary's first use.
const Words& words_of(const pb::EnumDescriptor& type) {
  static const auto* all = [] {
    auto* map = new std::map<const pb::EnumDescriptor*, Words>;
    const auto add = [map](const pb::EnumDescriptor& e) {
      for (int i = 0; i < e.value_count(); ++i) (*map)[&e][word_of_value(*e.value(i))] = e.value(i)->number();
    };
    std::vector<const pb::Descriptor*> open = {v1::Inspection::descriptor(), v1::Addendum::descriptor()};
    std::map<const pb::Descriptor*, bool> seen;
    while (!open.empty()) {
      const pb::Descriptor* message = open.back();
      open.pop_back();
      if (std::exchange(seen[message], true)) continue;
      for (int i = 0; i < message->field_count(); ++i) {
        const pb::FieldDescriptor& field = *message->field(i);
        if (field.enum_type() != nullptr && !map->contains(field.enum_type())) add(*field.enum_type());
        if (field.message_type() != nullptr) open.push_back(field.message_type());
      }
    }
    return map;
  }();
  static const Words none;
  const auto found = all->find(&type);
  return found == all->end() ? none : found->second;
}

void add_fields(const pb::Descriptor& message, const std::string& path, std::vector<Hop>& hops,
                std::vector<FieldInfo>& out) {
  std::vector<const pb::FieldDescriptor*> fields;
  for (int i = 0; i < message.field_count(); ++i) fields.push_back(message.field(i));
  std::sort(fields.begin(), fields.end(), [](auto* a, auto* b) { return a->number() < b->number(); });
  for (const pb::FieldDescriptor* field : fields) {
    hops.push_back({field, {}});
    const bool listed = field->is_repeated() && !is_series(*field);
    const std::string pattern = child_path(path, field->name()) + (listed ? "[]" : "");
    if (is_message(*field) && !is_series(*field)) {
      add_fields(*field->message_type(), pattern, hops, out);
    } else {
      FieldInfo info{pattern,
                     type_of(*field),
                     static_cast<uint32_t>(field->number()),
                     field->is_repeated(),
                     driver_may_set(hops),
                     redaction_of(hops),
                     rule_of(*field),
                     {},
                     field};
      if (field->enum_type() != nullptr)
        for (int i = 0; i < field->enum_type()->value_count(); ++i)
          info.words.push_back(word_of_value(*field->enum_type()->value(i)));
      out.push_back(std::move(info));
    }
    hops.pop_back();
  }
}

// A path as its pattern: "views[3].name" -> "views[].name"; the element of a series has the series' own
// entry.
std::string pattern_of(const std::vector<Hop>& hops) {
  std::string pattern;
  for (const Hop& hop : hops) {
    pattern = child_path(pattern, hop.field->name());
    if (hop.field->is_repeated() && !is_series(*hop.field)) pattern += "[]";
    if (is_series(*hop.field)) break;
  }
  return pattern;
}

}  // namespace

FieldRule rule_of(const pb::FieldDescriptor& field) {
  const v1::Rule& options = field.options().GetExtension(v1::rule);
  FieldRule rule;
  if (options.has_min()) rule.min = options.min();
  if (options.has_max()) rule.max = options.max();
  rule.format = options.format();
  rule.unit = options.unit();
  rule.en = options.en();
  rule.es = options.es();
  if (options.has_max_bytes()) rule.max_bytes = options.max_bytes();
  if (options.has_max_count()) rule.max_count = options.max_count();
  rule.series = options.series();
  return rule;
}

std::span<const FieldInfo> dictionary() {
  static const auto* fields = [] {
    auto* out = new std::vector<FieldInfo>;
    std::vector<Hop> hops;
    add_fields(*v1::Inspection::descriptor(), "", hops, *out);
    return out;
  }();
  return *fields;
}

const FieldInfo* find_field(std::string_view path) {
  static const auto* by_pattern = [] {
    auto* map = new std::map<std::string, const FieldInfo*, std::less<>>;
    for (const FieldInfo& info : dictionary()) (*map)[info.pattern] = &info;
    return map;
  }();
  const auto hops = resolve(path);
  if (!hops) return nullptr;
  const auto found = by_pattern->find(pattern_of(*hops));
  return found == by_pattern->end() ? nullptr : found->second;
}

v1::Redaction redaction_class(std::string_view path) {
  const auto hops = resolve(path);
  return hops ? redaction_of(*hops) : v1::REDACTION_UNSPECIFIED;
}

std::string redaction_name(v1::Redaction redaction) {
  const pb::EnumValueDescriptor* value = v1::Redaction_descriptor()->FindValueByNumber(redaction);
  return value == nullptr ? "unspecified" : word_of_value(*value);
}

std::optional<v1::Redaction> redaction_from_name(std::string_view name) {
  const pb::EnumDescriptor& type = *v1::Redaction_descriptor();
  for (int i = 0; i < type.value_count(); ++i)
    if (word_of_value(*type.value(i)) == name) return static_cast<v1::Redaction>(type.value(i)->number());
  return std::nullopt;
}

std::string word_of(const pb::FieldDescriptor& field, int number) {
  const pb::EnumValueDescriptor* value = field.enum_type()->FindValueByNumber(number);
  return value == nullptr ? std::to_string(number) : word_of_value(*value);
}

std::optional<int> number_of(const pb::FieldDescriptor& field, std::string_view word) {
  const Words& words = words_of(*field.enum_type());
  const auto found = words.find(word);
  return found == words.end() ? std::nullopt : std::optional<int>(found->second);
}

std::string label_of(const pb::FieldDescriptor& field, int number, base::Language language) {
  const pb::EnumValueDescriptor* value = field.enum_type()->FindValueByNumber(number);
  if (value != nullptr && value->options().HasExtension(v1::word)) {
    const v1::Word& word = value->options().GetExtension(v1::word);
    return language == base::Language::es ? word.es() : word.en();
  }
  return word_of(field, number);
}

}  // namespace garita::record
