#include "core/record/json.hpp"

#include <google/protobuf/message.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "core/base/clock.hpp"
#include "core/base/ids.hpp"
#include "core/record/path.hpp"
#include "core/record/value_check.hpp"

namespace garita::record {
namespace {

namespace pb = google::protobuf;
using Json = nlohmann::ordered_json;
using Type = pb::FieldDescriptor::CppType;

Json real(double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }

Json text_or_hex(const pb::FieldDescriptor& field, const std::string& value) {
  return field.type() == pb::FieldDescriptor::TYPE_BYTES ? base::to_hex(value) : value;
}

Json scalar(const pb::Message& m, const pb::FieldDescriptor& f) {
  const pb::Reflection& r = *m.GetReflection();
  switch (f.cpp_type()) {
    case Type::CPPTYPE_INT32:
      return r.GetInt32(m, &f);
    case Type::CPPTYPE_INT64:
      return r.GetInt64(m, &f);
    case Type::CPPTYPE_UINT32:
      return r.GetUInt32(m, &f);
    case Type::CPPTYPE_UINT64:
      return r.GetUInt64(m, &f);
    case Type::CPPTYPE_FLOAT:
      return real(r.GetFloat(m, &f));
    case Type::CPPTYPE_DOUBLE:
      return real(r.GetDouble(m, &f));
    case Type::CPPTYPE_BOOL:
      return r.GetBool(m, &f);
    case Type::CPPTYPE_ENUM:
      return word_of(f, r.GetEnumValue(m, &f));
    case Type::CPPTYPE_STRING:
      return text_or_hex(f, r.GetString(m, &f));
    case Type::CPPTYPE_MESSAGE:
      break;
  }
  return nullptr;
}

Json object(const pb::Message& message);

Json list(const pb::Message& m, const pb::FieldDescriptor& f) {
  const pb::Reflection& r = *m.GetReflection();
  Json out = Json::array();
  for (int i = 0; i < r.FieldSize(m, &f); ++i) {
    if (is_message(f))
      out.push_back(object(r.GetRepeatedMessage(m, &f, i)));
    else if (f.cpp_type() == Type::CPPTYPE_STRING)
      out.push_back(text_or_hex(f, r.GetRepeatedString(m, &f, i)));
    else
      out.push_back(real(r.GetRepeatedDouble(m, &f, i)));
  }
  return out;
}

// Set fields, by number; of the elements of a series all, for there zero is a value like others.
std::vector<const pb::FieldDescriptor*> shown_fields(const pb::Message& message) {
  std::vector<const pb::FieldDescriptor*> fields;
  const pb::Descriptor& type = *message.GetDescriptor();
  if (type.field_count() > 0 && !type.field(0)->has_presence() && !type.field(0)->is_repeated()) {
    for (int i = 0; i < type.field_count(); ++i) fields.push_back(type.field(i));
  } else {
    message.GetReflection()->ListFields(message, &fields);
  }
  return fields;
}

Json object(const pb::Message& message) {
  const auto fields = shown_fields(message);
  Json out = Json::object();
  for (const pb::FieldDescriptor* field : fields) {
    if (is_time(*field)) out["utc"] = base::format_utc(message.GetReflection()->GetInt64(message, field));
    if (field->is_repeated())
      out[field->name()] = list(message, *field);
    else if (is_message(*field))
      out[field->name()] = object(message.GetReflection()->GetMessage(message, field));
    else
      out[field->name()] = scalar(message, *field);
  }
  return out;
}

}  // namespace

std::string to_json(const v1::Addendum& addendum, int indent) {
  return object(addendum).dump(indent == 0 ? -1 : indent, ' ', false, Json::error_handler_t::replace);
}

std::string to_json(const v1::Inspection& inspection, int indent) {
  return object(inspection).dump(indent == 0 ? -1 : indent, ' ', false, Json::error_handler_t::replace);
}

}  // namespace garita::record
