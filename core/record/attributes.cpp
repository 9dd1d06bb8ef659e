#include "core/record/attributes.hpp"

#include <google/protobuf/message.h>

#include <algorithm>

#include "core/base/utf8.hpp"
#include "core/record/path.hpp"
#include "core/record/value_check.hpp"

namespace garita::record {
namespace {

namespace pb = google::protobuf;
using image::Attribute;
using v1::Suspect;
using Type = pb::FieldDescriptor::CppType;

// Keys by reverse domain name are the vendors' own: no field of the record is called like a top-level domain.
bool is_vendor_key(std::string_view key) {
  const std::string_view first = key.substr(0, key.find('.'));
  if (first.size() == key.size()) return false;
  return first.size() == 2 || first == "com" || first == "org" || first == "net" || first == "gov" ||
         first == "edu" || first == "mil" || first == "int";
}

bool is_known_type(uint32_t type) { return type >= GARITA_VALUE_TEXT && type <= GARITA_VALUE_BYTES; }

// The value as it came, whatever it is.
void keep_typed(const image::Value& value, v1::TypedValue& out) {
  switch (value.type) {
    case GARITA_VALUE_TEXT:
      if (base::is_valid_utf8(value.text))
        out.set_text(value.text);
      else
        out.set_raw(value.text);
      break;
    case GARITA_VALUE_I64:
      out.set_integer(value.integer);
      break;
    case GARITA_VALUE_F64:
      out.set_real(value.real);
      break;
    case GARITA_VALUE_BOOL:
      if (value.integer == 0 || value.integer == 1)
        out.set_truth(value.integer == 1);
      else
        out.set_integer(value.integer);
      break;
    case GARITA_VALUE_TIME:
      out.set_utc_ns(value.integer);
      break;
    default:
      out.set_raw(value.text);
  }
}

// `calibrated` stands for `calibrated.utc_ns`: a moment may be set by its own name.
void step_into_moment(std::vector<Hop>& hops) {
  const pb::FieldDescriptor& last = *hops.back().field;
  if (last.is_repeated() || !is_message(last) || last.message_type() != v1::Moment::descriptor()) return;
  hops.push_back({v1::Moment::descriptor()->FindFieldByName("utc_ns"), {"utc_ns"}});
}

// What the ABI's type of the value must be for this field; 0: no attribute can set it.
uint32_t wanted_type(const pb::FieldDescriptor& field) {
  switch (field.cpp_type()) {
    case Type::CPPTYPE_INT32:
    case Type::CPPTYPE_INT64:
    case Type::CPPTYPE_UINT32:
    case Type::CPPTYPE_UINT64:
      return is_time(field) ? GARITA_VALUE_TIME : GARITA_VALUE_I64;
    case Type::CPPTYPE_FLOAT:
    case Type::CPPTYPE_DOUBLE:
      return GARITA_VALUE_F64;
    case Type::CPPTYPE_BOOL:
      return GARITA_VALUE_BOOL;
    case Type::CPPTYPE_ENUM:
      return GARITA_VALUE_TEXT;
    case Type::CPPTYPE_STRING:
      return field.type() == pb::FieldDescriptor::TYPE_BYTES ? GARITA_VALUE_BYTES : GARITA_VALUE_TEXT;
    case Type::CPPTYPE_MESSAGE:
      break;
  }
  return GARITA_VALUE_NONE;
}

Wrong wrong_value(const pb::FieldDescriptor& field, const image::Value& value) {
  const uint32_t wanted = wanted_type(field);
  if (wanted == GARITA_VALUE_NONE || value.type != wanted) return Suspect::REASON_WRONG_TYPE;
  switch (field.cpp_type()) {
    case Type::CPPTYPE_INT32:
    case Type::CPPTYPE_INT64:
      return wrong_integer(field, value.integer);
    case Type::CPPTYPE_UINT32:
    case Type::CPPTYPE_UINT64:
      if (value.integer < 0) return Suspect::REASON_OUT_OF_RANGE;
      return wrong_unsigned(field, static_cast<uint64_t>(value.integer));
    case Type::CPPTYPE_DOUBLE:
    case Type::CPPTYPE_FLOAT:
      return wrong_real(field, value.real);
    case Type::CPPTYPE_BOOL:
      return value.integer == 0 || value.integer == 1 ? Wrong() : Wrong(Suspect::REASON_WRONG_TYPE);
    case Type::CPPTYPE_ENUM:
      if (!base::is_valid_utf8(value.text)) return Suspect::REASON_NOT_UTF8;
      return number_of(field, value.text) ? Wrong() : Wrong(Suspect::REASON_UNKNOWN_WORD);
    default:
      return value.type == GARITA_VALUE_BYTES ? wrong_bytes(field, value.text)
                                              : wrong_text(field, value.text);
  }
}

// The message that holds the last hop's field; nullptr where it is not there. Makes nothing.
const pb::Message* find_parent(const v1::Inspection& root, const std::vector<Hop>& hops) {
  const pb::Message* message = &root;
  for (size_t i = 0; i + 1 < hops.size(); ++i) {
    const pb::Reflection& reflection = *message->GetReflection();
    const pb::FieldDescriptor* field = hops[i].field;
    if (field->is_repeated()) {
      if (static_cast<uint32_t>(reflection.FieldSize(*message, field)) <= hops[i].step.index) return nullptr;
      message = &reflection.GetRepeatedMessage(*message, field, static_cast<int>(hops[i].step.index));
    } else {
      if (!reflection.HasField(*message, field)) return nullptr;
      message = &reflection.GetMessage(*message, field);
    }
  }
  return message;
}

// Lists of messages may have gaps (attributes come in any order); a list of values may not, for what would
// stand in it?
bool has_bad_index(const v1::Inspection& root, const std::vector<Hop>& hops) {
  for (const Hop& hop : hops) {
    if (!hop.field->is_repeated()) continue;
    if (!hop.step.indexed || hop.step.any || hop.step.index >= rule_of(*hop.field).max_count) return true;
  }
  const Hop& last = hops.back();
  if (!last.field->is_repeated()) return false;
  const pb::Message* parent = find_parent(root, hops);
  const int size = parent == nullptr ? 0 : parent->GetReflection()->FieldSize(*parent, last.field);
  return last.step.index > static_cast<uint32_t>(size);
}

// Only after has_bad_index said no: every index is below its limit.
pb::Message* make_parent(v1::Inspection& root, const std::vector<Hop>& hops) {
  pb::Message* message = &root;
  for (size_t i = 0; i + 1 < hops.size(); ++i) {
    const pb::Reflection& reflection = *message->GetReflection();
    const pb::FieldDescriptor* field = hops[i].field;
    if (!field->is_repeated()) {
      message = reflection.MutableMessage(message, field);
      continue;
    }
    while (static_cast<uint32_t>(reflection.FieldSize(*message, field)) <= hops[i].step.index)
      reflection.AddMessage(message, field);
    message = reflection.MutableRepeatedMessage(message, field, static_cast<int>(hops[i].step.index));
  }
  return message;
}

void set_element(pb::Message& message, const pb::FieldDescriptor& field, int index,
                 const image::Value& value) {
  const pb::Reflection& reflection = *message.GetReflection();
  const bool append = index == reflection.FieldSize(message, &field);
  if (field.cpp_type() == Type::CPPTYPE_DOUBLE) {
    if (append)
      reflection.AddDouble(&message, &field, value.real);
    else
      reflection.SetRepeatedDouble(&message, &field, index, value.real);
  } else if (field.cpp_type() == Type::CPPTYPE_STRING) {
    if (append)
      reflection.AddString(&message, &field, value.text);
    else
      reflection.SetRepeatedString(&message, &field, index, value.text);
  }
}

void set_scalar(pb::Message& message, const pb::FieldDescriptor& field, const image::Value& value) {
  const pb::Reflection& reflection = *message.GetReflection();
  switch (field.cpp_type()) {
    case Type::CPPTYPE_INT32:
      reflection.SetInt32(&message, &field, static_cast<int32_t>(value.integer));
      break;
    case Type::CPPTYPE_INT64:
      reflection.SetInt64(&message, &field, value.integer);
      break;
    case Type::CPPTYPE_UINT32:
      reflection.SetUInt32(&message, &field, static_cast<uint32_t>(value.integer));
      break;
    case Type::CPPTYPE_UINT64:
      reflection.SetUInt64(&message, &field, static_cast<uint64_t>(value.integer));
      break;
    case Type::CPPTYPE_FLOAT:
      reflection.SetFloat(&message, &field, static_cast<float>(value.real));
      break;
    case Type::CPPTYPE_DOUBLE:
      reflection.SetDouble(&message, &field, value.real);
      break;
    case Type::CPPTYPE_BOOL:
      reflection.SetBool(&message, &field, value.integer == 1);
      break;
    case Type::CPPTYPE_ENUM:
      reflection.SetEnumValue(&message, &field, *number_of(field, value.text));
      break;
    case Type::CPPTYPE_STRING:
      reflection.SetString(&message, &field, value.text);
      break;
    case Type::CPPTYPE_MESSAGE:
      break;
  }
}

void set_field(v1::Inspection& root, const std::vector<Hop>& hops, const image::Value& value) {
  pb::Message* parent = make_parent(root, hops);
  const Hop& last = hops.back();
  if (last.field->is_repeated())
    set_element(*parent, *last.field, static_cast<int>(last.step.index), value);
  else
    set_scalar(*parent, *last.field, value);
}

// Text that a person can still use: the right letters in the wrong order, one digit misread.
bool stays_in_field(Suspect::Reason reason, const image::Value& value) {
  return value.type == GARITA_VALUE_TEXT &&
         (reason == Suspect::REASON_BAD_FORMAT || reason == Suspect::REASON_BAD_CHECK_DIGIT);
}

template <typename List, typename Key>
void erase_key(List& list, std::string_view key, Key key_of) {
  list.erase(
      std::remove_if(list.begin(), list.end(), [&](const auto& entry) { return key_of(entry) == key; }),
      list.end());
}

}  // namespace

void AttributeSetter::apply(std::span<const Attribute> attributes, Scope scope) {
  for (const Attribute& attribute : attributes) apply_one(attribute, scope);
}

void AttributeSetter::apply_one(const Attribute& attribute, Scope scope) {
  const std::string& key = attribute.key;
  const bool fits = !key.empty() && key.size() <= GARITA_MAX_KEY_BYTES && base::is_valid_utf8(key) &&
                    attribute.value.text.size() <= GARITA_MAX_VALUE_BYTES &&
                    is_known_type(attribute.value.type);
  if (!fits || applied_ == max_attributes_per_scan) return drop();
  ++applied_;
  if (count_key(key, scope)) forget(key);
  if (is_vendor_key(key)) return keep_vendor(attribute);
  auto hops = resolve(key);
  if (!hops) return keep_unrecognized(attribute);
  step_into_moment(*hops);
  if (!driver_may_set(*hops)) return keep_suspect(attribute, Suspect::REASON_NOT_SETTABLE);
  if (has_bad_index(inspection_, *hops)) return keep_suspect(attribute, Suspect::REASON_BAD_INDEX);
  const Wrong wrong = wrong_value(*hops->back().field, attribute.value);
  if (wrong) keep_suspect(attribute, *wrong);
  if (wrong && !stays_in_field(*wrong, attribute.value)) return;
  set_field(inspection_, *hops, attribute.value);
  if (!wrong) ++report_.set;
}

// Was it there already? A scan's own replaces a standing one without being a doubled key.
bool AttributeSetter::count_key(const std::string& key, Scope scope) {
  const auto [entry, is_new] = seen_.try_emplace(key, scope);
  if (is_new) return false;
  const bool overrides = entry->second == Scope::standing && scope == Scope::scan;
  entry->second = scope;
  if (!overrides) {
    ++report_.duplicate_keys;
    inspection_.mutable_counts()->set_duplicate_keys(inspection_.counts().duplicate_keys() + 1);
  }
  return true;
}

bool AttributeSetter::take_budget(size_t bytes) {
  if (bytes > max_kept_bytes - kept_bytes_) return false;
  kept_bytes_ += bytes;
  return true;
}

// The last wins, and takes all that the earlier one left; a value inside a list only gives way to a good one.
void AttributeSetter::forget(const std::string& key) {
  erase_key(*inspection_.mutable_vendor_attributes(), key, [](const v1::Attribute& a) { return a.key(); });
  erase_key(*inspection_.mutable_unrecognized(), key, [](const v1::Attribute& a) { return a.key(); });
  erase_key(*inspection_.mutable_suspect(), key, [](const Suspect& s) { return s.path(); });
  auto hops = resolve(key);
  if (!hops) return;
  step_into_moment(*hops);
  if (!driver_may_set(*hops) || hops->back().field->is_repeated() || has_bad_index(inspection_, *hops))
    return;
  if (find_parent(inspection_, *hops) == nullptr) return;
  pb::Message* parent = make_parent(inspection_, *hops);
  parent->GetReflection()->ClearField(parent, hops->back().field);
}

void AttributeSetter::keep_vendor(const Attribute& attribute) {
  if (!take_budget(attribute.key.size() + attribute.value.text.size())) return drop();
  v1::Attribute& kept = *inspection_.add_vendor_attributes();
  kept.set_key(attribute.key);
  keep_typed(attribute.value, *kept.mutable_value());
  ++report_.vendor;
}

void AttributeSetter::keep_unrecognized(const Attribute& attribute) {
  ++report_.unrecognized;
  if (report_.unrecognized_keys.size() < max_unrecognized) report_.unrecognized_keys.push_back(attribute.key);
  const size_t bytes = attribute.key.size() + attribute.value.text.size();
  if (static_cast<size_t>(inspection_.unrecognized_size()) >= max_unrecognized || !take_budget(bytes)) {
    v1::Counts& counts = *inspection_.mutable_counts();
    counts.set_dropped_unrecognized(counts.dropped_unrecognized() + 1);
    return;
  }
  v1::Attribute& kept = *inspection_.add_unrecognized();
  kept.set_key(attribute.key);
  keep_typed(attribute.value, *kept.mutable_value());
}

void AttributeSetter::keep_suspect(const Attribute& attribute, Suspect::Reason reason) {
  ++report_.suspect;
  if (!take_budget(attribute.key.size() + attribute.value.text.size())) return drop();
  Suspect& kept = *inspection_.add_suspect();
  kept.set_path(attribute.key);
  keep_typed(attribute.value, *kept.mutable_value());
  kept.set_reason(reason);
}

void AttributeSetter::drop() {
  ++report_.dropped;
  v1::Counts& counts = *inspection_.mutable_counts();
  counts.set_dropped_attributes(counts.dropped_attributes() + 1);
}

void apply(v1::Inspection& inspection, std::span<const Attribute> attributes, Report& report) {
  AttributeSetter(inspection, report).apply(attributes);
}

}  // namespace garita::record
