#include <google/protobuf/message.h>

#include <unordered_set>

#include "core/base/utf8.hpp"
#include "core/record/leaf.hpp"
#include "core/record/little_endian.hpp"
#include "core/record/path.hpp"

namespace garita::record {
namespace {

namespace pb = google::protobuf;
using Type = pb::FieldDescriptor::CppType;
using base::Result;

constexpr size_t max_text_bytes = 65536;

base::Error fault(const char* id, const std::string& path) {
  return {base::Outcome::not_loaded, id, {{"path", path}}, 0};
}

enum class Known : bool { no, yes };

// One leaf on its way into its field.
struct Target {
  const std::string& path;
  std::string_view payload;
  char tag;
  pb::Message* message;
  const pb::FieldDescriptor* field;

  base::Error wrong(const char* id) const { return fault(id, path); }
  const pb::Reflection& reflection() const { return *message->GetReflection(); }
};

char tag_of(const pb::FieldDescriptor& field) {
  switch (field.cpp_type()) {
    case Type::CPPTYPE_INT32:
    case Type::CPPTYPE_INT64:
      return 'i';
    case Type::CPPTYPE_UINT32:
    case Type::CPPTYPE_UINT64:
      return 'u';
    case Type::CPPTYPE_FLOAT:
    case Type::CPPTYPE_DOUBLE:
      return 'd';
    case Type::CPPTYPE_BOOL:
      return 'b';
    case Type::CPPTYPE_ENUM:
      return 'e';
    case Type::CPPTYPE_STRING:
      return field.type() == pb::FieldDescriptor::TYPE_BYTES ? 'y' : 't';
    case Type::CPPTYPE_MESSAGE:
      return 'm';
  }
  return 0;
}

char expected_tag(const pb::FieldDescriptor& field) {
  if (!is_series(field)) return tag_of(field);
  return field.cpp_type() == Type::CPPTYPE_DOUBLE ? 'D' : 'I';
}

// Size of the payload a tag must have; 0: any.
size_t payload_size_bytes(char tag) {
  return tag == 'b' ? 1 : tag == 'i' || tag == 'u' || tag == 'd' ? 8 : 0;
}

Result<void> set_text(const Target& at, size_t index) {
  if (at.payload.size() > max_text_bytes) return at.wrong("record.leaf_limit");
  if (at.tag == 't' && !base::is_valid_utf8(at.payload)) return at.wrong("record.leaf_value");
  if (!at.field->is_repeated()) {
    at.reflection().SetString(at.message, at.field, std::string(at.payload));
    return {};
  }
  while (static_cast<size_t>(at.reflection().FieldSize(*at.message, at.field)) <= index)
    at.reflection().AddString(at.message, at.field, "");
  at.reflection().SetRepeatedString(at.message, at.field, static_cast<int>(index), std::string(at.payload));
  return {};
}

Result<void> set_number(const Target& at) {
  const auto i = le64_at<int64_t>(at.payload);
  const auto u = le64_at<uint64_t>(at.payload);
  switch (at.field->cpp_type()) {
    case Type::CPPTYPE_INT32:
      if (i != static_cast<int32_t>(i)) return at.wrong("record.leaf_value");
      at.reflection().SetInt32(at.message, at.field, static_cast<int32_t>(i));
      return {};
    case Type::CPPTYPE_UINT32:
      if (u != static_cast<uint32_t>(u)) return at.wrong("record.leaf_value");
      at.reflection().SetUInt32(at.message, at.field, static_cast<uint32_t>(u));
      return {};
    case Type::CPPTYPE_INT64:
      at.reflection().SetInt64(at.message, at.field, i);
      return {};
    case Type::CPPTYPE_UINT64:
      at.reflection().SetUInt64(at.message, at.field, u);
      return {};
    default:
      at.reflection().SetDouble(at.message, at.field, le64_at<double>(at.payload));
      return {};
  }
}

// Decimal digits without leading zeros, of a number that has no word.
std::optional<int> wordless_number(const pb::FieldDescriptor& field, std::string_view digits) {
  if (digits.empty() || digits.size() > 9 || (digits.size() > 1 && digits[0] == '0')) return std::nullopt;
  int number = 0;
  for (char c : digits) {
    if (c < '0' || c > '9') return std::nullopt;
    number = number * 10 + (c - '0');
  }
  return field.enum_type()->FindValueByNumber(number) == nullptr ? std::optional<int>(number) : std::nullopt;
}

Result<Known> set_word(const Target& at) {
  if (!base::is_valid_utf8(at.payload)) return at.wrong("record.leaf_value");
  auto number = number_of(*at.field, at.payload);
  if (!number) number = wordless_number(*at.field, at.payload);
  if (!number) return Known::no;
  at.reflection().SetEnumValue(at.message, at.field, *number);
  return Known::yes;
}

Result<void> set_series(const Target& at) {
  const size_t per_element =
      is_message(*at.field) ? static_cast<size_t>(at.field->message_type()->field_count()) : 1;
  const size_t count = at.payload.size() / (8 * per_element);
  if (at.payload.empty() || at.payload.size() % (8 * per_element) != 0) return at.wrong("record.leaf_size");
  if (count > rule_of(*at.field).max_count) return at.wrong("record.leaf_limit");
  for (size_t i = 0; i < count; ++i) {
    if (!is_message(*at.field)) {
      at.reflection().AddDouble(at.message, at.field, le64_at<double>(at.payload, i));
      continue;
    }
    pb::Message* element = at.reflection().AddMessage(at.message, at.field);
    for (size_t k = 0; k < per_element; ++k)
      element->GetReflection()->SetInt64(element, element->GetDescriptor()->field(static_cast<int>(k)),
                                         le64_at<int64_t>(at.payload, i * per_element + k));
  }
  return {};
}

// The message that holds the leaf's field, made on the way where it is not there yet.
Result<pb::Message*> descend(v1::Inspection& root, std::span<const Hop> hops, const std::string& path) {
  pb::Message* message = &root;
  for (const Hop& hop : hops) {
    const pb::Reflection& reflection = *message->GetReflection();
    if (!hop.field->is_repeated()) {
      message = reflection.MutableMessage(message, hop.field);
      continue;
    }
    if (is_series(*hop.field) || hop.step.any || !hop.step.indexed) return fault("record.leaf_path", path);
    if (hop.step.index >= rule_of(*hop.field).max_count) return fault("record.leaf_index", path);
    while (static_cast<uint32_t>(reflection.FieldSize(*message, hop.field)) <= hop.step.index)
      reflection.AddMessage(message, hop.field);
    message = reflection.MutableRepeatedMessage(message, hop.field, static_cast<int>(hop.step.index));
  }
  return message;
}

Result<Known> set(const Target& at, const Step& step) {
  const bool listed = at.field->is_repeated() && !is_series(*at.field);
  if (listed != step.indexed || step.any) return at.wrong("record.leaf_path");
  if (listed && step.index >= rule_of(*at.field).max_count) return at.wrong("record.leaf_index");
  if (at.tag != expected_tag(*at.field)) return at.wrong("record.leaf_tag");
  if (payload_size_bytes(at.tag) != 0 && at.payload.size() != payload_size_bytes(at.tag))
    return at.wrong("record.leaf_size");
  const pb::OneofDescriptor* choice = at.field->real_containing_oneof();
  if (choice != nullptr && at.reflection().HasOneof(*at.message, choice))
    return at.wrong("record.leaf_twice");
  switch (at.tag) {
    case 't':
    case 'y':
      GARITA_TRY(set_text(at, step.index));
      break;
    case 'e':
      return set_word(at);
    case 'b':
      if (static_cast<uint8_t>(at.payload[0]) > 1) return at.wrong("record.leaf_value");
      at.reflection().SetBool(at.message, at.field, at.payload[0] != 0);
      break;
    case 'D':
    case 'I':
      GARITA_TRY(set_series(at));
      break;
    default:
      GARITA_TRY(set_number(at));
  }
  return Known::yes;
}

Result<Known> decode_one(const Leaf& leaf, v1::Inspection& inspection) {
  if (leaf.path.size() > max_leaf_path_bytes || leaf.value.size() > max_leaf_value_bytes)
    return fault("record.leaf_limit", leaf.path);
  if (leaf.value.empty()) return fault("record.leaf_size", leaf.path);
  if (!parse_path(leaf.path)) return fault("record.leaf_path", leaf.path);
  const auto hops = resolve(leaf.path);
  if (!hops) return Known::no;
  const std::string_view payload = std::string_view(leaf.value).substr(1);
  const Hop& last = hops->back();
  if (is_message(*last.field) && !is_series(*last.field)) {
    if (leaf.value[0] != 'm') return fault("record.leaf_tag", leaf.path);
    if (!payload.empty()) return fault("record.leaf_size", leaf.path);
    GARITA_TRY_ASSIGN(made, descend(inspection, *hops, leaf.path));
    (void)made;
    return Known::yes;
  }
  GARITA_TRY_ASSIGN(parent, descend(inspection, std::span(*hops).first(hops->size() - 1), leaf.path));
  return set({leaf.path, payload, leaf.value[0], parent, last.field}, last.step);
}

}  // namespace

Result<DecodedLeaves> decode_leaves(std::span<const Leaf> leaves) {
  DecodedLeaves out;
  if (leaves.size() > max_leaves) return fault("record.leaf_limit", "");
  std::unordered_set<std::string_view> seen;
  size_t total_bytes = 0;
  for (const Leaf& leaf : leaves) {
    total_bytes += leaf.path.size() + leaf.value.size();
    if (total_bytes > max_leaves_bytes) return fault("record.leaf_limit", leaf.path);
    if (!seen.insert(leaf.path).second) return fault("record.leaf_twice", leaf.path);
    GARITA_TRY_ASSIGN(known, decode_one(leaf, out.inspection));
    if (known == Known::no) out.unknown.push_back(leaf);
  }
  return out;
}

Result<v1::Inspection> from_leaves(std::span<const Leaf> leaves) {
  GARITA_TRY_ASSIGN(decoded, decode_leaves(leaves));
  return std::move(decoded.inspection);
}

}  // namespace garita::record
