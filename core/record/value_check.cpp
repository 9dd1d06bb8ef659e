#include "core/record/value_check.hpp"

#include <algorithm>
#include <cmath>

#include "core/base/utf8.hpp"
#include "core/record/format.hpp"

namespace garita::record {
namespace {

namespace pb = google::protobuf;
using v1::Suspect;

bool is_control(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return (byte < 0x20 && c != '\t' && c != '\n' && c != '\r') || byte == 0x7F;
}

Wrong wrong_form(const FieldRule& rule, std::string_view value) {
  const Format* format = find_format(rule.format);
  if (format == nullptr) return std::nullopt;
  const Verdict verdict = format->check(value);
  if (verdict == Verdict::bad_format) return Suspect::REASON_BAD_FORMAT;
  if (verdict == Verdict::bad_check_digit) return Suspect::REASON_BAD_CHECK_DIGIT;
  return std::nullopt;
}

template <typename T>
Wrong outside(const FieldRule& rule, T value) {
  const auto real = static_cast<double>(value);
  if (real < rule.min || real > rule.max) return Suspect::REASON_OUT_OF_RANGE;
  return std::nullopt;
}

}  // namespace

Wrong wrong_text(const pb::FieldDescriptor& field, std::string_view text) {
  const FieldRule rule = rule_of(field);
  if (!base::is_valid_utf8(text)) return Suspect::REASON_NOT_UTF8;
  if (std::any_of(text.begin(), text.end(), is_control)) return Suspect::REASON_CONTROL_CHARACTER;
  if (text.size() > rule.max_bytes) return Suspect::REASON_TOO_LONG;
  return wrong_form(rule, text);
}

Wrong wrong_bytes(const pb::FieldDescriptor& field, std::string_view bytes) {
  const FieldRule rule = rule_of(field);
  if (bytes.size() > rule.max_bytes) return Suspect::REASON_TOO_LONG;
  return wrong_form(rule, bytes);
}

Wrong wrong_real(const pb::FieldDescriptor& field, double value) {
  if (!std::isfinite(value)) return Suspect::REASON_NOT_FINITE;
  return outside(rule_of(field), value);
}

Wrong wrong_integer(const pb::FieldDescriptor& field, int64_t value) {
  const bool narrow = field.cpp_type() == pb::FieldDescriptor::CPPTYPE_INT32;
  if (narrow && value != static_cast<int32_t>(value)) return Suspect::REASON_OUT_OF_RANGE;
  return outside(rule_of(field), value);
}

Wrong wrong_unsigned(const pb::FieldDescriptor& field, uint64_t value) {
  const bool narrow = field.cpp_type() == pb::FieldDescriptor::CPPTYPE_UINT32;
  if (narrow && value != static_cast<uint32_t>(value)) return Suspect::REASON_OUT_OF_RANGE;
  return outside(rule_of(field), value);
}

bool is_time(const pb::FieldDescriptor& field) { return field.name() == "utc_ns"; }

}  // namespace garita::record
