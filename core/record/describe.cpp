#include "core/record/describe.hpp"

#include <google/protobuf/message.h>
#include <google/protobuf/reflection.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <map>
#include <utility>

#include "core/base/clock.hpp"
#include "core/base/ids.hpp"
#include "core/base/text.hpp"
#include "core/record/format.hpp"
#include "core/record/path.hpp"
#include "core/record/value_check.hpp"

namespace garita::record {
namespace {

namespace pb = google::protobuf;
using base::Language;
using Type = pb::FieldDescriptor::CppType;

// Up to six digits, no exponent for everyday sizes, no locale.
std::string number_text(double value) {
  if (!std::isfinite(value)) return std::isnan(value) ? "NaN" : value > 0 ? "∞" : "-∞";
  char text[64];
  std::snprintf(text, sizeof text, std::fabs(value) < 1e15 && value == std::rint(value) ? "%.0f" : "%.6g",
                value);
  return text;
}

// "2026-03-01T12:34:56.5Z (06:34:56 -06:00)": UTC first, the local clock beside.
std::string moment_text(const v1::Moment& moment) {
  std::string text = base::format_utc(moment.utc_ns());
  const int32_t offset_s = moment.offset_s();
  int64_t local_ns = 0;
  if (!moment.has_offset_s() || std::abs(offset_s) > 64800) return text;
  if (__builtin_add_overflow(moment.utc_ns(), int64_t{offset_s} * 1'000'000'000, &local_ns)) return text;
  const std::string local = base::format_utc(local_ns, 0);
  char zone[16];
  const int minutes = std::abs(offset_s) / 60;
  std::snprintf(zone, sizeof zone, " %c%02d:%02d", offset_s < 0 ? '-' : '+', minutes / 60, minutes % 60);
  return text + " (" + local.substr(11, 8) + zone + ")";
}

std::string unit_text(const FieldRule& rule) {
  return rule.unit.empty() ? std::string() : std::string(" ").append(rule.unit);
}

std::string hex_text(std::string_view bytes) {
  return std::string("0x").append(base::to_hex(bytes.substr(0, 32))).append(bytes.size() > 32 ? "…" : "");
}

std::string typed_text(const v1::TypedValue& value) {
  switch (value.value_case()) {
    case v1::TypedValue::kText:
      return value.text();
    case v1::TypedValue::kInteger:
      return std::to_string(value.integer());
    case v1::TypedValue::kReal:
      return number_text(value.real());
    case v1::TypedValue::kTruth:
      return value.truth() ? "true" : "false";
    case v1::TypedValue::kUtcNs:
      return base::format_utc(value.utc_ns());
    case v1::TypedValue::kRaw:
      return hex_text(value.raw());
    case v1::TypedValue::VALUE_NOT_SET:
      break;
  }
  return "";
}

class Describer {
 public:
  Describer(const v1::Inspection& inspection, Language language) : language_(language) {
    for (const v1::Suspect& suspect : inspection.suspect()) suspects_[suspect.path()] = suspect.reason();
    std::vector<const pb::FieldDescriptor*> groups;
    inspection.GetReflection()->ListFields(inspection, &groups);
    for (const pb::FieldDescriptor* group : groups) {
      group_ = label(*group);
      top_ = true;
      field(inspection, *group, "", "");
    }
  }
  // One group, named for its content; id, root and time first.
  Describer(const v1::Addendum& addendum, Language language) : language_(language) {
    std::vector<const pb::FieldDescriptor*> fields;
    addendum.GetReflection()->ListFields(addendum, &fields);
    for (const pb::FieldDescriptor* each : fields)
      if (each->real_containing_oneof() != nullptr) group_ = label(*each);
    for (const pb::FieldDescriptor* each : fields) {
      top_ = each->real_containing_oneof() != nullptr;
      field(addendum, *each, "", "");
    }
  }
  std::vector<Row> take() { return std::move(rows_); }

 private:
  std::string label(const pb::FieldDescriptor& f) const {
    const FieldRule rule = rule_of(f);
    return std::string(language_ == Language::es ? rule.es : rule.en);
  }

  std::string words(const pb::FieldDescriptor& f, int value) const { return label_of(f, value, language_); }

  std::string reason_text(v1::Suspect::Reason reason) const {
    return words(*v1::Suspect::descriptor()->FindFieldByName("reason"), reason);
  }

  void add(std::string row_label, const std::string& value, const std::string& path) {
    if (rows_.size() == max_rows) return;
    Row row{group_, std::move(row_label), base::printable(value), path, false, ""};
    if (const auto found = suspects_.find(path); found != suspects_.end()) {
      row.suspect = true;
      row.reason = reason_text(found->second);
    }
    rows_.push_back(std::move(row));
  }

  static std::string joined(const std::string& labels, const std::string& more) {
    return labels.empty() ? more : labels + " · " + more;
  }

  std::string scalar_text(const pb::Message& m, const pb::FieldDescriptor& f) const {
    const pb::Reflection& r = *m.GetReflection();
    const FieldRule rule = rule_of(f);
    const std::string unit = unit_text(rule);
    switch (f.cpp_type()) {
      case Type::CPPTYPE_INT32:
        return std::to_string(r.GetInt32(m, &f)) + unit;
      case Type::CPPTYPE_INT64:
        return std::to_string(r.GetInt64(m, &f)) + unit;
      case Type::CPPTYPE_UINT32:
        return std::to_string(r.GetUInt32(m, &f)) + unit;
      case Type::CPPTYPE_UINT64:
        return std::to_string(r.GetUInt64(m, &f)) + unit;
      case Type::CPPTYPE_DOUBLE:
        return number_text(r.GetDouble(m, &f)) + unit;
      case Type::CPPTYPE_BOOL:
        return r.GetBool(m, &f) ? (language_ == Language::es ? "sí" : "yes") : "no";
      case Type::CPPTYPE_ENUM:
        return words(f, r.GetEnumValue(m, &f));
      default:
        return text_value(f, r.GetString(m, &f));
    }
  }

  static std::string text_value(const pb::FieldDescriptor& f, const std::string& value) {
    if (f.type() == pb::FieldDescriptor::TYPE_BYTES) return base::to_hex(value);
    return printed(rule_of(f).format, value);
  }

  // "16 (1 … 250 keV)"; a handful is shown whole.
  std::string numbers_text(const pb::Message& m, const pb::FieldDescriptor& f) const {
    std::vector<double> values;
    for (double value : m.GetReflection()->GetRepeatedFieldRef<double>(m, &f)) values.push_back(value);
    const std::string unit = unit_text(rule_of(f));
    std::string text;
    if (values.size() <= 8) {
      for (double value : values) text += (text.empty() ? "" : ", ") + number_text(value);
      return text + unit;
    }
    const auto [low, high] = std::minmax_element(values.begin(), values.end());
    return std::to_string(values.size()) + " (" + number_text(*low) + " … " + number_text(*high) + unit + ")";
  }

  void list(const pb::Message& m, const pb::FieldDescriptor& f, const std::string& path,
            const std::string& row_label) {
    const pb::Reflection& r = *m.GetReflection();
    const int size = r.FieldSize(m, &f);
    if (is_series(f)) return add(row_label, is_message(f) ? std::to_string(size) : numbers_text(m, f), path);
    for (int i = 0; i < size && rows_.size() < max_rows; ++i) {
      const std::string numbered = row_label + (row_label.empty() ? "" : " ") + std::to_string(i + 1);
      if (is_message(f))
        message(r.GetRepeatedMessage(m, &f, i), element_path(path, i), numbered);
      else
        add(size == 1 ? row_label : numbered, text_value(f, r.GetRepeatedString(m, &f, i)),
            element_path(path, i));
    }
  }

  void message(const pb::Message& m, const std::string& path, const std::string& labels) {
    if (const auto* moment = dynamic_cast<const v1::Moment*>(&m); moment != nullptr) {
      if (moment->has_utc_ns()) add(labels, moment_text(*moment), path);
      return;
    }
    if (const auto* attribute = dynamic_cast<const v1::Attribute*>(&m); attribute != nullptr)
      return add(base::printable(attribute->key(), 80), typed_text(attribute->value()), path);
    if (const auto* suspect = dynamic_cast<const v1::Suspect*>(&m); suspect != nullptr)
      return suspect_row(*suspect);
    if (const auto* value = dynamic_cast<const v1::TypedValue*>(&m); value != nullptr)
      return add(labels, typed_text(*value), path);
    if (const auto* found = dynamic_cast<const v1::Detection*>(&m); found != nullptr && !found->has_category())
      add(joined(labels, label(*m.GetDescriptor()->FindFieldByName("category"))),
          base::text(language_, "record.no_category"), child_path(path, "category"));
    std::vector<const pb::FieldDescriptor*> fields;
    m.GetReflection()->ListFields(m, &fields);
    for (const pb::FieldDescriptor* f : fields) field(m, *f, path, labels);
  }

  void suspect_row(const v1::Suspect& suspect) {
    if (rows_.size() == max_rows) return;
    rows_.push_back({group_, base::printable(suspect.path(), 80),
                     base::printable(typed_text(suspect.value())), suspect.path(), true,
                     reason_text(suspect.reason())});
  }

  // The group's own name does not stand in its rows; the index of an element does.
  void field(const pb::Message& m, const pb::FieldDescriptor& f, const std::string& path,
             const std::string& labels) {
    const bool top = std::exchange(top_, false);
    const std::string below = child_path(path, f.name());
    const std::string row_label = top ? "" : joined(labels, label(f));
    if (f.is_repeated()) return list(m, f, below, row_label);
    if (is_message(f)) return message(m.GetReflection()->GetMessage(m, &f), below, row_label);
    add(row_label, scalar_text(m, f), below);
  }

  const Language language_;
  std::string group_;
  bool top_ = false;
  std::map<std::string, v1::Suspect::Reason, std::less<>> suspects_;
  std::vector<Row> rows_;
};

}  // namespace

std::vector<Row> describe(const v1::Inspection& inspection, Language language) {
  return Describer(inspection, language).take();
}

std::vector<Row> describe(const v1::Addendum& addendum, Language language) {
  return Describer(addendum, language).take();
}

}  // namespace garita::record
