#include "core/record/json.hpp"

#include <google/protobuf/message.h>

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>

#include "core/base/clock.hpp"
#include "core/base/ids.hpp"
#include "core/record/path.hpp"
#include "core/record/value_check.hpp"

namespace garita::record {
namespace {

namespace pb = google::protobuf;
using Parsed = nlohmann::json;
using Type = pb::FieldDescriptor::CppType;

constexpr int max_depth = 8;

base::Error malformed(const std::string& place) {
  return {base::Outcome::no, "record.json_malformed", {{"place", place.empty() ? "{}" : place}}};
}

// One object, and no member twice: two readers must not take different values from one text.
std::optional<Parsed> strict_object(std::string_view text) {
  std::vector<std::set<std::string>> open;
  bool good = true;
  const auto watch = [&](int depth, Parsed::parse_event_t event, Parsed& value) {
    good = good && depth <= max_depth;
    if (event == Parsed::parse_event_t::object_start) open.emplace_back();
    if (event == Parsed::parse_event_t::object_end) open.pop_back();
    if (event == Parsed::parse_event_t::key)
      good = good && open.back().insert(value.get<std::string>()).second;
    return good;
  };
  Parsed json = Parsed::parse(text.begin(), text.end(), watch, false);
  if (!good || json.is_discarded() || !json.is_object()) return std::nullopt;
  return json;
}

template <typename T>
std::optional<T> whole_number(const Parsed& json) {
  if (json.is_number_unsigned()) {
    const uint64_t value = json.get<uint64_t>();
    if (value <= static_cast<uint64_t>(std::numeric_limits<T>::max())) return static_cast<T>(value);
  } else if (json.is_number_integer()) {
    const int64_t value = json.get<int64_t>();
    if (std::is_signed_v<T> && value >= static_cast<int64_t>(std::numeric_limits<T>::min()))
      return static_cast<T>(value);
  }
  return std::nullopt;
}

bool set_text(pb::Message& m, const pb::FieldDescriptor& f, const Parsed& json) {
  if (!json.is_string()) return false;
  std::string text = json.get<std::string>();
  if (f.type() == pb::FieldDescriptor::TYPE_BYTES) {
    const auto bytes = base::from_hex(text);
    if (!bytes) return false;
    text.assign(bytes->begin(), bytes->end());
  }
  m.GetReflection()->SetString(&m, &f, std::move(text));
  return true;
}

bool set_scalar(pb::Message& m, const pb::FieldDescriptor& f, const Parsed& json) {
  const pb::Reflection& r = *m.GetReflection();
  const auto whole = [&](auto value, auto set) { return value ? ((r.*set)(&m, &f, *value), true) : false; };
  switch (f.cpp_type()) {
    case Type::CPPTYPE_INT32:
      return whole(whole_number<int32_t>(json), &pb::Reflection::SetInt32);
    case Type::CPPTYPE_INT64:
      return whole(whole_number<int64_t>(json), &pb::Reflection::SetInt64);
    case Type::CPPTYPE_UINT32:
      return whole(whole_number<uint32_t>(json), &pb::Reflection::SetUInt32);
    case Type::CPPTYPE_UINT64:
      return whole(whole_number<uint64_t>(json), &pb::Reflection::SetUInt64);
    case Type::CPPTYPE_DOUBLE:
      return json.is_number() && (r.SetDouble(&m, &f, json.get<double>()), true);
    case Type::CPPTYPE_BOOL:
      return json.is_boolean() && (r.SetBool(&m, &f, json.get<bool>()), true);
    case Type::CPPTYPE_ENUM: {
      const auto number = json.is_string() ? number_of(f, json.get<std::string>()) : std::nullopt;
      return number && (r.SetEnumValue(&m, &f, *number), true);
    }
    case Type::CPPTYPE_STRING:
      return set_text(m, f, json);
    default:
      return false;
  }
}

// Members of messages that have no lists: those of addenda.
base::Result<void> read_members(const Parsed& json, pb::Message& m, const std::string& path) {
  for (const auto& [name, value] : json.items()) {
    const pb::FieldDescriptor* field = m.GetDescriptor()->FindFieldByName(name);
    if (field == nullptr || field->is_repeated()) continue;
    const std::string below = child_path(path, name);
    const pb::OneofDescriptor* choice = field->real_containing_oneof();
    if (choice != nullptr && m.GetReflection()->HasOneof(m, choice)) return malformed(below);
    if (!is_message(*field)) {
      if (!set_scalar(m, *field, value)) return malformed(below);
      continue;
    }
    if (!value.is_object()) return malformed(below);
    GARITA_TRY(read_members(value, *m.GetReflection()->MutableMessage(&m, field), below));
  }
  const auto utc = json.find("utc");  // for people; it must not say another time than the number does
  const pb::FieldDescriptor* utc_ns = m.GetDescriptor()->FindFieldByName("utc_ns");
  if (utc == json.end() || utc_ns == nullptr) return {};
  const auto said = utc->is_string() ? base::parse_utc(utc->get<std::string>()) : std::nullopt;
  if (!said || *said != m.GetReflection()->GetInt64(m, utc_ns)) return malformed(child_path(path, "utc"));
  return {};
}

}  // namespace

base::Result<v1::Addendum> addendum_from_json(std::string_view text) {
  const auto json = strict_object(text);
  if (!json) return malformed("");
  v1::Addendum addendum;
  GARITA_TRY(read_members(*json, addendum, ""));
  return addendum;
}

}  // namespace garita::record
