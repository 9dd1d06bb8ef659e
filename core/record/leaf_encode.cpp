#include <google/protobuf/message.h>

#include <algorithm>

#include "core/base/utf8.hpp"
#include "core/record/leaf.hpp"
#include "core/record/little_endian.hpp"
#include "core/record/path.hpp"

namespace garita::record {
namespace {

namespace pb = google::protobuf;
using Type = pb::FieldDescriptor::CppType;

template <typename T>
std::string number(char tag, T value) {
  std::string bytes(1, tag);
  append_le64(bytes, value);
  return bytes;
}

std::string text_or_bytes(const pb::FieldDescriptor& field, const std::string& value) {
  if (field.type() == pb::FieldDescriptor::TYPE_BYTES) return 'y' + value;
  return 't' + (base::is_valid_utf8(value) ? value : base::valid_utf8(value));
}

std::string encoded_scalar(const pb::Message& message, const pb::FieldDescriptor& field) {
  const pb::Reflection& reflection = *message.GetReflection();
  switch (field.cpp_type()) {
    case Type::CPPTYPE_INT32:
      return number('i', int64_t{reflection.GetInt32(message, &field)});
    case Type::CPPTYPE_INT64:
      return number('i', int64_t{reflection.GetInt64(message, &field)});
    case Type::CPPTYPE_UINT32:
      return number('u', uint64_t{reflection.GetUInt32(message, &field)});
    case Type::CPPTYPE_UINT64:
      return number('u', uint64_t{reflection.GetUInt64(message, &field)});
    case Type::CPPTYPE_FLOAT:
      return number('d', double{reflection.GetFloat(message, &field)});
    case Type::CPPTYPE_DOUBLE:
      return number('d', reflection.GetDouble(message, &field));
    case Type::CPPTYPE_BOOL:
      return std::string("b") + (reflection.GetBool(message, &field) ? '\1' : '\0');
    case Type::CPPTYPE_ENUM:
      return 'e' + word_of(field, reflection.GetEnumValue(message, &field));
    case Type::CPPTYPE_STRING:
      return text_or_bytes(field, reflection.GetString(message, &field));
    case Type::CPPTYPE_MESSAGE:
      break;
  }
  return {};
}

// The integers of one element of a series, in the order of their fields.
void append_element(std::string& bytes, const pb::Message& element) {
  for (int i = 0; i < element.GetDescriptor()->field_count(); ++i)
    append_le64(bytes,
                int64_t{element.GetReflection()->GetInt64(element, element.GetDescriptor()->field(i))});
}

std::string series(const pb::Message& message, const pb::FieldDescriptor& field, int count) {
  const pb::Reflection& reflection = *message.GetReflection();
  std::string bytes = field.cpp_type() == Type::CPPTYPE_DOUBLE ? "D" : "I";
  for (int i = 0; i < count; ++i) {
    if (is_message(field)) append_element(bytes, reflection.GetRepeatedMessage(message, &field, i));
    if (field.cpp_type() == Type::CPPTYPE_DOUBLE)
      append_le64(bytes, reflection.GetRepeatedDouble(message, &field, i));
  }
  return bytes;
}

void walk(const pb::Message& message, const std::string& path, std::vector<Leaf>& out);

void walk_list(const pb::Message& message, const pb::FieldDescriptor& field, const std::string& path,
               std::vector<Leaf>& out) {
  const pb::Reflection& reflection = *message.GetReflection();
  const int count =
      std::min(reflection.FieldSize(message, &field), static_cast<int>(rule_of(field).max_count));
  if (is_series(field)) {
    out.push_back({path, series(message, field, count)});
    return;
  }
  for (int i = 0; i < count; ++i) {
    if (is_message(field))
      walk(reflection.GetRepeatedMessage(message, &field, i), element_path(path, i), out);
    else
      out.push_back(
          {element_path(path, i), text_or_bytes(field, reflection.GetRepeatedString(message, &field, i))});
  }
}

void walk(const pb::Message& message, const std::string& path, std::vector<Leaf>& out) {
  std::vector<const pb::FieldDescriptor*> fields;  // set ones, by number
  message.GetReflection()->ListFields(message, &fields);
  if (fields.empty() && !path.empty()) out.push_back({path, "m"});
  for (const pb::FieldDescriptor* field : fields) {
    const std::string below = child_path(path, field->name());
    if (field->is_repeated())
      walk_list(message, *field, below, out);
    else if (is_message(*field))
      walk(message.GetReflection()->GetMessage(message, field), below, out);
    else
      out.push_back({below, encoded_scalar(message, *field)});
  }
}

}  // namespace

std::vector<Leaf> leaves(const v1::Inspection& inspection) {
  std::vector<Leaf> out;
  walk(inspection, "", out);
  return out;
}

}  // namespace garita::record
