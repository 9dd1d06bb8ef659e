#include <google/protobuf/descriptor.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <set>

#include "core/record/json.hpp"
#include "core/record/path.hpp"
#include "core/record/value_check.hpp"

namespace garita::record {
namespace {

namespace pb = google::protobuf;
using Json = nlohmann::ordered_json;
using Type = pb::FieldDescriptor::CppType;

std::string name_of(const pb::Descriptor& message) {  // "Completeness.Extent"
  return message.full_name().substr(message.file()->package().size() + 1);
}

void add_range(Json& schema, const FieldRule& rule, bool integer) {
  const auto bound = [&](double value) { return integer ? Json(static_cast<int64_t>(value)) : Json(value); };
  if (std::isfinite(rule.min)) schema["minimum"] = bound(rule.min);
  if (std::isfinite(rule.max)) schema["maximum"] = bound(rule.max);
}

// A suspect text may break its format, a flagged number never stands in its field: so ranges hold and formats
// are notes.
Json integer_schema(const FieldRule& rule, bool can_be_negative) {
  Json schema = {{"type", "integer"}};
  if (!can_be_negative) schema["minimum"] = 0;
  add_range(schema, rule, true);
  return schema;
}

Json word_schema(const pb::FieldDescriptor& field) {
  Json words = Json::array();
  for (int i = 0; i < field.enum_type()->value_count(); ++i)
    words.push_back(word_of(field, field.enum_type()->value(i)->number()));
  return {{"type", "string"}, {"enum", words}};
}

Json bytes_schema(const FieldRule& rule) {
  const uint64_t digits = rule.format == "sha256" ? 64 : uint64_t{rule.max_bytes} * 2;
  return {{"type", "string"}, {"pattern", "^([0-9a-f]{2})*$"}, {"maxLength", digits}};
}

Json value_schema(const pb::FieldDescriptor& field) {
  const FieldRule rule = rule_of(field);
  switch (field.cpp_type()) {
    case Type::CPPTYPE_INT32:
    case Type::CPPTYPE_INT64:
      return integer_schema(rule, true);
    case Type::CPPTYPE_UINT32:
    case Type::CPPTYPE_UINT64:
      return integer_schema(rule, false);
    case Type::CPPTYPE_FLOAT:
    case Type::CPPTYPE_DOUBLE: {
      Json schema = {{"type", {"number", "null"}}};
      add_range(schema, rule, false);
      return schema;
    }
    case Type::CPPTYPE_BOOL:
      return {{"type", "boolean"}};
    case Type::CPPTYPE_ENUM:
      return word_schema(field);
    case Type::CPPTYPE_STRING:
      if (field.type() == pb::FieldDescriptor::TYPE_BYTES) return bytes_schema(rule);
      return {{"type", "string"}, {"maxLength", rule.max_bytes}};
    case Type::CPPTYPE_MESSAGE:
      return {{"$ref", "#/$defs/" + name_of(*field.message_type())}};
  }
  return {};
}

void add_notes(Json& schema, const pb::FieldDescriptor& field) {
  const FieldRule rule = rule_of(field);
  if (!rule.en.empty()) schema["title"] = rule.en;
  if (!rule.unit.empty()) schema["x-unit"] = rule.unit;
  if (!rule.format.empty()) schema["x-format"] = rule.format;
  const v1::Rule& options = field.options().GetExtension(v1::rule);
  if (options.has_redaction()) schema["x-redaction"] = redaction_name(options.redaction());
  if (options.driver()) schema["x-driver"] = true;
}

Json field_schema(const pb::FieldDescriptor& field) {
  Json schema = value_schema(field);
  if (field.is_repeated())
    schema = {{"type", "array"}, {"items", std::move(schema)}, {"maxItems", rule_of(field).max_count}};
  add_notes(schema, field);
  return schema;
}

Json message_schema(const pb::Descriptor& message) {
  Json properties = Json::object();
  Json required = Json::array();
  for (int i = 0; i < message.field_count(); ++i) {
    const pb::FieldDescriptor& field = *message.field(i);
    if (is_time(field)) {
      properties["utc"] = {{"type", "string"}, {"format", "date-time"}, {"title", "utc_ns as ISO 8601 text"}};
      if (field.real_containing_oneof() == nullptr) properties["utc"]["x-redaction"] = "time";
    }
    properties[field.name()] = field_schema(field);
    if (!field.has_presence() && !field.is_repeated()) required.push_back(field.name());
  }
  Json schema = {{"type", "object"}, {"properties", properties}, {"additionalProperties", false}};
  if (!required.empty()) schema["required"] = required;
  return schema;
}

void collect(const pb::Descriptor& message, std::set<std::string>& seen, Json& definitions) {
  if (!seen.insert(name_of(message)).second) return;
  definitions[name_of(message)] = message_schema(message);
  for (int i = 0; i < message.field_count(); ++i)
    if (message.field(i)->message_type() != nullptr)
      collect(*message.field(i)->message_type(), seen, definitions);
}

}  // namespace

std::string json_schema(int indent) {
  std::set<std::string> seen;
  Json definitions = Json::object();
  collect(*v1::Inspection::descriptor(), seen, definitions);
  Json schema = {{"$schema", "https://json-schema.org/draft/2020-12/schema"},
                 {"title", "Garita record, version 1"},
                 {"$ref", "#/$defs/Inspection"},
                 {"$defs", definitions}};
  return schema.dump(indent == 0 ? -1 : indent);
}

}  // namespace garita::record
