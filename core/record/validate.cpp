#include "core/record/validate.hpp"

#include <google/protobuf/message.h>

#include <cstdio>
#include <set>

#include "core/base/text.hpp"
#include "core/record/format.hpp"
#include "core/record/path.hpp"
#include "core/record/value_check.hpp"

namespace garita::record {
namespace {

namespace pb = google::protobuf;
using Type = pb::FieldDescriptor::CppType;
using v1::Suspect;

std::string short_number(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.10g", value);
  return text;
}

const char* id_of(Suspect::Reason reason) {
  switch (reason) {
    case Suspect::REASON_OUT_OF_RANGE:
      return "record.out_of_range";
    case Suspect::REASON_BAD_CHECK_DIGIT:
      return "record.bad_check_digit";
    case Suspect::REASON_NOT_UTF8:
      return "record.not_utf8";
    case Suspect::REASON_NOT_FINITE:
      return "record.not_finite";
    case Suspect::REASON_TOO_LONG:
      return "record.too_long";
    case Suspect::REASON_UNKNOWN_WORD:
      return "record.unknown_word";
    case Suspect::REASON_CONTROL_CHARACTER:
      return "record.control_character";
    default:
      return "record.bad_format";
  }
}

std::string limit_of(const pb::FieldDescriptor& field, Suspect::Reason reason) {
  const FieldRule rule = rule_of(field);
  if (reason == Suspect::REASON_OUT_OF_RANGE) return short_number(rule.min) + " … " + short_number(rule.max);
  if (reason == Suspect::REASON_TOO_LONG) return std::to_string(rule.max_bytes);
  const Format* format = find_format(rule.format);
  return format == nullptr ? std::string(rule.format)
                           : std::string(format->name) + ": " + std::string(format->example);
}

class Walk {
 public:
  explicit Walk(const v1::Inspection& inspection) {
    for (const Suspect& suspect : inspection.suspect()) flagged_.insert(suspect.path());
    message(inspection, "");
  }
  explicit Walk(const v1::Addendum& addendum) { message(addendum, ""); }
  std::vector<Problem> take() { return std::move(problems_); }

 private:
  void add(const std::string& path, const char* id, std::string value, std::string limit) {
    if (problems_.size() < max_problems)
      problems_.push_back({path, id, base::printable(value, 80), std::move(limit), flagged_.contains(path)});
  }

  void judge(const std::string& path, const pb::FieldDescriptor& field, Wrong wrong,
             const std::string& value) {
    if (wrong) add(path, id_of(*wrong), value, limit_of(field, *wrong));
  }

  void text(const std::string& path, const pb::FieldDescriptor& field, const std::string& value) {
    const bool bytes = field.type() == pb::FieldDescriptor::TYPE_BYTES;
    judge(path, field, bytes ? wrong_bytes(field, value) : wrong_text(field, value), bytes ? "" : value);
  }

  void scalar(const pb::Message& m, const pb::FieldDescriptor& f, const std::string& path) {
    const pb::Reflection& r = *m.GetReflection();
    const auto signed_value = [&](int64_t v) { judge(path, f, wrong_integer(f, v), std::to_string(v)); };
    const auto unsigned_value = [&](uint64_t v) { judge(path, f, wrong_unsigned(f, v), std::to_string(v)); };
    switch (f.cpp_type()) {
      case Type::CPPTYPE_INT32:
        return signed_value(r.GetInt32(m, &f));
      case Type::CPPTYPE_INT64:
        return signed_value(r.GetInt64(m, &f));
      case Type::CPPTYPE_UINT32:
        return unsigned_value(r.GetUInt32(m, &f));
      case Type::CPPTYPE_UINT64:
        return unsigned_value(r.GetUInt64(m, &f));
      case Type::CPPTYPE_DOUBLE:
        return judge(path, f, wrong_real(f, r.GetDouble(m, &f)), short_number(r.GetDouble(m, &f)));
      case Type::CPPTYPE_STRING:
        return text(path, f, r.GetString(m, &f));
      case Type::CPPTYPE_ENUM:
        if (f.enum_type()->FindValueByNumber(r.GetEnumValue(m, &f)) == nullptr)
          add(path, "record.unknown_word", std::to_string(r.GetEnumValue(m, &f)), f.enum_type()->name());
        return;
      default:
        return;
    }
  }

  void list(const pb::Message& m, const pb::FieldDescriptor& f, const std::string& path) {
    const pb::Reflection& r = *m.GetReflection();
    const FieldRule rule = rule_of(f);
    const int size = r.FieldSize(m, &f);
    if (static_cast<uint32_t>(size) > rule.max_count)
      add(path, "record.too_many", std::to_string(size), std::to_string(rule.max_count));
    for (int i = 0; i < size && problems_.size() < max_problems; ++i) {
      const std::string element = element_path(path, i);
      if (is_message(f))
        message(r.GetRepeatedMessage(m, &f, i), element);
      else if (f.cpp_type() == Type::CPPTYPE_STRING)
        text(element, f, r.GetRepeatedString(m, &f, i));
      else
        judge(element, f, wrong_real(f, r.GetRepeatedDouble(m, &f, i)),
              short_number(r.GetRepeatedDouble(m, &f, i)));
    }
  }

  // What nobody checked when it came (typed values) is not checked here either.
  void message(const pb::Message& m, const std::string& path) {
    if (m.GetDescriptor() == v1::TypedValue::descriptor()) return;
    std::vector<const pb::FieldDescriptor*> fields;
    m.GetReflection()->ListFields(m, &fields);
    for (const pb::FieldDescriptor* field : fields) {
      const std::string below = child_path(path, field->name());
      if (field->is_repeated())
        list(m, *field, below);
      else if (is_message(*field))
        message(m.GetReflection()->GetMessage(m, field), below);
      else
        scalar(m, *field, below);
    }
  }

  std::set<std::string, std::less<>> flagged_;
  std::vector<Problem> problems_;
};

void count_dropped(v1::Counts& counts, std::string_view list, uint64_t n) {
  if (list == "readings")
    counts.set_dropped_readings(counts.dropped_readings() + n);
  else if (list == "detections")
    counts.set_dropped_detections(counts.dropped_detections() + n);
  else if (list == "attachments")
    counts.set_dropped_attachments(counts.dropped_attachments() + n);
  else
    counts.set_dropped_other(counts.dropped_other() + n);
}

void cut(pb::Message& message, v1::Counts& counts) {
  const pb::Reflection& reflection = *message.GetReflection();
  std::vector<const pb::FieldDescriptor*> fields;
  reflection.ListFields(message, &fields);
  for (const pb::FieldDescriptor* field : fields) {
    if (field->is_repeated()) {
      const int limit = static_cast<int>(rule_of(*field).max_count);
      const int size = reflection.FieldSize(message, field);
      if (size > limit) count_dropped(counts, field->name(), static_cast<uint64_t>(size - limit));
      for (int i = size; i > limit; --i) reflection.RemoveLast(&message, field);
      if (!is_message(*field) || is_series(*field)) continue;
      for (int i = 0; i < reflection.FieldSize(message, field); ++i)
        cut(*reflection.MutableRepeatedMessage(&message, field, i), counts);
    } else if (is_message(*field)) {
      cut(*reflection.MutableMessage(&message, field), counts);
    }
  }
}

}  // namespace

std::vector<Problem> validate(const v1::Inspection& inspection) { return Walk(inspection).take(); }
std::vector<Problem> validate(const v1::Addendum& addendum) { return Walk(addendum).take(); }

void enforce_limits(v1::Inspection& inspection) {
  v1::Counts counts = inspection.counts();
  cut(inspection, counts);
  if (counts.ByteSizeLong() != 0) *inspection.mutable_counts() = counts;
}

}  // namespace garita::record
